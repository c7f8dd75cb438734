package platform

import (
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/textproto"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/chat-adapter/chat-go/core/chat"
)

// Multipart is a body of fields and files, as multipart/form-data. It is sent as
// its files are read, which happens once.
type Multipart struct {
	// Fields come first, in the order of their names. Default none.
	Fields url.Values
	// Files come after them. Default none.
	Files []FormFile
}

// FormFile is a file in a [Multipart].
type FormFile struct {
	// Field is the name of its field. Required.
	Field string
	// File is what is sent.
	File chat.File
}

// MediaTypeOf returns the media type of a file: what it says, else what its name
// says, else "application/octet-stream".
func MediaTypeOf(mimeType, name string) string {
	if kind, _, err := mime.ParseMediaType(mimeType); err == nil && strings.Contains(kind, "/") {
		return mimeType
	}
	if byName := mime.TypeByExtension(path.Ext(name)); byName != "" {
		return byName
	}
	return "application/octet-stream"
}

// open returns the body. Whoever reads it closes it, also after an error.
func (m Multipart) open() (kind string, body io.ReadCloser) {
	reader, writer := io.Pipe()
	form := multipart.NewWriter(writer)
	go func() {
		err := m.write(form)
		if err == nil {
			err = form.Close()
		}
		writer.CloseWithError(err)
	}()
	return form.FormDataContentType(), reader
}

// inQuotes is how browsers write names in the header of a part.
// https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data
var inQuotes = strings.NewReplacer("\n", "%0A", "\r", "%0D", `"`, "%22")

// quoted writes a name so. A header takes no other control characters, so they are
// left out, and no bytes that are no UTF-8.
func quoted(name string) string {
	name = inQuotes.Replace(strings.ToValidUTF8(name, "\ufffd"))
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, name)
}

func (m Multipart) write(form *multipart.Writer) error {
	for _, name := range slices.Sorted(maps.Keys(m.Fields)) {
		for _, value := range m.Fields[name] {
			if err := form.WriteField(name, value); err != nil {
				return err
			}
		}
	}
	for i, f := range m.Files {
		part, err := form.CreatePart(textproto.MIMEHeader{
			"Content-Disposition": {fmt.Sprintf(`form-data; name="%s"; filename="%s"`, quoted(f.Field), quoted(f.File.Name))},
			"Content-Type":        {inHeader.Replace(MediaTypeOf(f.File.MIMEType, f.File.Name))},
		})
		if err != nil {
			return err
		}
		if f.File.Content == nil {
			return fmt.Errorf("files[%d] has no content", i)
		}
		if _, err := io.Copy(part, f.File.Content); err != nil {
			return fmt.Errorf("reading files[%d]: %w", i, err)
		}
	}
	return nil
}

var inHeader = strings.NewReplacer("\n", "", "\r", "")
