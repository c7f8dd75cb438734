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

// Multipart is a body with fields and files, in the format multipart/form-data. The files
// are read while it is sent, so it can be sent only once.
type Multipart struct {
	// Fields are sent first, sorted by name. Default none.
	Fields url.Values
	// Files are sent after the fields. Default none.
	Files []FormFile
}

// FormFile is a file in a [Multipart].
type FormFile struct {
	// Field is the name of the field. Required.
	Field string
	// File is the file to send. Its Content is required.
	File chat.File
}

// MediaTypeOf returns the media type of a file: mimeType if that is valid, else the type
// for the ending of its name, else "application/octet-stream".
func MediaTypeOf(mimeType, name string) string {
	if kind, _, err := mime.ParseMediaType(mimeType); err == nil && strings.Contains(kind, "/") {
		return mimeType
	}
	if byName := mime.TypeByExtension(path.Ext(name)); byName != "" {
		return byName
	}
	return "application/octet-stream"
}

// open returns the body and its media type. The reader must be closed, also after an error.
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

// inQuotes escapes names in the header of a part, as browsers do.
// https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data
var inQuotes = strings.NewReplacer("\n", "%0A", "\r", "%0D", `"`, "%22")

// quoted returns an escaped name. Other control characters are removed, and bytes that are
// not UTF-8 are replaced, because a header cannot contain them.
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
