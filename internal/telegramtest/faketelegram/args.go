package faketelegram

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/chat-adapter/chat-go/core/chattest"
)

// arguments reads the arguments of a call, from JSON or from a form with files, whose
// fields that are no text are JSON. https://core.telegram.org/bots/api#making-requests
func arguments(r *http.Request) (map[string]any, map[string]chattest.PostedFile, error) {
	kind, parameters, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case kind == "application/json":
		args := map[string]any{}
		d := json.NewDecoder(r.Body)
		d.UseNumber()
		return args, nil, d.Decode(&args)
	case kind == "multipart/form-data":
		return form(multipart.NewReader(r.Body, parameters["boundary"]))
	case r.ContentLength == 0:
		return map[string]any{}, nil, nil
	}
	return nil, nil, fmt.Errorf("the Content-Type is %q", kind)
}

func form(r *multipart.Reader) (map[string]any, map[string]chattest.PostedFile, error) {
	args, files := map[string]any{}, map[string]chattest.PostedFile{}
	for {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return args, files, nil
		}
		if err != nil {
			return nil, nil, err
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return nil, nil, err
		}
		if part.FileName() != "" {
			files[part.FormName()] = chattest.PostedFile{Name: part.FileName(), Content: content, MIMEType: part.Header.Get("Content-Type")}
			continue
		}
		var value any
		d := json.NewDecoder(bytes.NewReader(content))
		d.UseNumber()
		if slices.Contains([]string{"caption", "text"}, part.FormName()) || d.Decode(&value) != nil {
			value = string(content)
		}
		args[part.FormName()] = value
	}
}

// Kinds of arguments.
const (
	integer    = "integer"
	text       = "text"
	boolean    = "boolean"
	chatOf     = "chat"
	entities   = "entities"
	markup     = "markup"
	reaction   = "reaction"
	list       = "list"
	object     = "object"
	file       = "file"
	draftID    = "draft id"
	messageIDs = "message ids"
	album      = "album"
)

// methods has the arguments of each method; those with "!" are required. Each is on
// https://core.telegram.org/bots/api below its name.
var methods = map[string]map[string]string{
	"getMe":          {},
	"sendMessage":    {"chat_id!": chatOf, "message_thread_id": integer, "business_connection_id": text, "text!": text, "entities": entities, "reply_parameters": object, "reply_markup": markup},
	"sendMediaGroup": {"chat_id!": chatOf, "message_thread_id": integer, "business_connection_id": text, "media!": album, "reply_parameters": object},
	"sendVideo":      mediaArgs("video", true), "sendAnimation": mediaArgs("animation", true), "sendAudio": mediaArgs("audio", true),
	"sendVoice": mediaArgs("voice", true), "sendVideoNote": mediaArgs("video_note", false), "sendSticker": mediaArgs("sticker", false),
	"sendPhoto":              {"chat_id!": chatOf, "message_thread_id": integer, "business_connection_id": text, "photo!": file, "caption": text, "caption_entities": entities, "reply_parameters": object, "reply_markup": markup},
	"sendDocument":           {"chat_id!": chatOf, "message_thread_id": integer, "business_connection_id": text, "document!": file, "caption": text, "caption_entities": entities, "reply_parameters": object, "reply_markup": markup},
	"editMessageText":        {"chat_id!": chatOf, "business_connection_id": text, "message_id!": integer, "text!": text, "entities": entities, "reply_markup": markup},
	"editMessageCaption":     {"chat_id!": chatOf, "business_connection_id": text, "message_id!": integer, "caption": text, "caption_entities": entities, "reply_markup": markup},
	"deleteMessage":          {"chat_id!": chatOf, "message_id!": integer},
	"setMessageReaction":     {"chat_id!": chatOf, "message_id!": integer, "reaction": reaction, "is_big": boolean},
	"sendChatAction":         {"chat_id!": chatOf, "message_thread_id": integer, "business_connection_id": text, "action!": text},
	"sendMessageDraft":       {"chat_id!": chatOf, "message_thread_id": integer, "draft_id!": draftID, "text": text, "entities": entities},
	"getBusinessConnection":  {"business_connection_id!": text},
	"deleteBusinessMessages": {"business_connection_id!": text, "message_ids!": messageIDs},
	"answerCallbackQuery": {
		"callback_query_id!": text, "text": text, "show_alert": boolean, "url": text, "cache_time": integer,
	},
	"getChat":            {"chat_id!": chatOf},
	"getChatMemberCount": {"chat_id!": chatOf},
	"getFile":            {"file_id!": text},
	"getUpdates":         {"offset": integer, "limit": integer, "timeout": integer, "allowed_updates": list},
	"setWebhook":         {"url!": text, "secret_token": text, "allowed_updates": list, "max_connections": integer, "drop_pending_updates": boolean},
	"deleteWebhook":      {"drop_pending_updates": boolean},
	"setMyCommands":      {"commands!": list, "scope": object, "language_code": text},
}

// mediaArgs are the arguments of a method that sends a file of this kind.
func mediaArgs(kind string, caption bool) map[string]string {
	args := map[string]string{
		"chat_id!": chatOf, "message_thread_id": integer, "business_connection_id": text, kind + "!": file, "reply_parameters": object, "reply_markup": markup,
	}
	if caption {
		args["caption"], args["caption_entities"] = text, entities
	}
	return args
}

// check returns what is wrong with the arguments by themselves.
func check(method string, args map[string]any, files map[string]chattest.PostedFile) []string {
	spec, ok := methods[method]
	if !ok {
		return []string{"there is no such method"}
	}
	var problems []string
	known := map[string]string{}
	for name, kind := range spec {
		bare, required := strings.CutSuffix(name, "!")
		known[bare] = kind
		_, given := args[bare]
		if _, sent := files[bare]; required && !given && !sent {
			problems = append(problems, fmt.Sprintf("the argument %q is missing", bare))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(args)) {
		kind, ok := known[name]
		if !ok {
			problems = append(problems, fmt.Sprintf("there is no argument %q", name))
			continue
		}
		if problem := wrong(kind, args[name], textOf(args)); problem != "" {
			problems = append(problems, fmt.Sprintf("the argument %q %s", name, problem))
		}
	}
	for name := range files {
		if known[name] != file && (known["media"] != album || !strings.Contains(fmt.Sprint(args["media"]), "attach://"+name)) {
			problems = append(problems, fmt.Sprintf("there is no file %q", name))
		}
	}
	return problems
}

func textOf(args map[string]any) string {
	for _, name := range []string{"text", "caption"} {
		if t, ok := args[name].(string); ok {
			return t
		}
	}
	return ""
}

// Telegram's reactions that bots may set begin with these.
// https://core.telegram.org/bots/api#reactiontypeemoji
var reactionsOfBots = strings.Fields("❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 😡")

var entityTypes = []string{
	"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bold", "italic", "underline", "strikethrough", "spoiler", "blockquote",
	"expandable_blockquote", "code", "pre", "text_link", "text_mention", "custom_emoji",
}

// wrong says what is wrong with a value.
func wrong(kind string, value any, shown string) string {
	_, isNumber := value.(json.Number)
	words, isText := value.(string)
	items, isList := value.([]any)
	_, isObject := value.(map[string]any)
	_, isBoolean := value.(bool)
	switch kind {
	case integer:
		return unless(isNumber, "is no integer")
	case chatOf:
		return unless(isNumber || isText && strings.HasPrefix(words, "@"), "is no chat")
	case text:
		return unless(isText, "is no text")
	case boolean:
		return unless(isBoolean, "is no boolean")
	case draftID: // https://core.telegram.org/bots/api#sendmessagedraft: non-zero
		return unless(isNumber && numberOf(value) != 0, "is no integer other than 0")
	case messageIDs: // https://core.telegram.org/bots/api#deletebusinessmessages: 1 to 100
		return unless(len(items) > 0 && len(items) <= 100 && !slices.ContainsFunc(items, func(id any) bool { return numberOf(id) <= 0 }), "is no list of 1 to 100 message ids")
	case list:
		return unless(isList, "is no list")
	case object:
		return unless(isObject, "is no object")
	case file:
		return unless(isText, "is neither a file nor a file_id")
	case entities:
		for _, item := range items {
			if problem := wrongEntity(item, shown); problem != "" {
				return problem
			}
		}
		return unless(isList, "is no list")
	case album:
		return wrongAlbum(items)
	case reaction:
		for _, item := range items {
			r, _ := item.(map[string]any)
			if r["type"] != "emoji" || !slices.Contains(reactionsOfBots, fmt.Sprint(r["emoji"])) {
				return fmt.Sprintf("has %v, which bots may not set", item)
			}
		}
		return unless(isList && len(items) <= 1, "is no list of one reaction")
	case markup:
		return wrongKeyboard(value)
	}
	return ""
}

func unless(ok bool, problem string) string {
	if ok {
		return ""
	}
	return problem
}

// https://core.telegram.org/bots/api#messageentity
func wrongEntity(item any, shown string) string {
	data, _ := json.Marshal(item)
	var e Entity
	if json.Unmarshal(data, &e) != nil || !slices.Contains(entityTypes, e.Type) {
		return fmt.Sprintf("has no entity in %s", data)
	}
	units := utf16.Encode([]rune(shown))
	switch {
	case e.Offset < 0 || e.Length <= 0 || e.Offset+e.Length > len(units):
		return fmt.Sprintf("has an entity outside of the text: %s", data)
	case utf16.IsSurrogate(rune(units[e.Offset])) && units[e.Offset] >= 0xdc00:
		return fmt.Sprintf("has an entity that begins within a character: %s", data)
	case e.Type == "text_link" && !regexp.MustCompile(`^(https?|tg|ton)://.|^(mailto|tel):.`).MatchString(e.URL):
		return fmt.Sprintf("has a link to nowhere: %s", data)
	case e.Type == "text_mention" && e.User == nil:
		return fmt.Sprintf("has a mention of nobody: %s", data)
	}
	return ""
}

// https://core.telegram.org/bots/api#sendmediagroup
func wrongAlbum(items []any) string {
	if len(items) < 2 || len(items) > 10 {
		return fmt.Sprintf("has %d files, and albums 2 to 10", len(items))
	}
	sorts := map[string]bool{}
	for _, item := range items {
		m, _ := item.(map[string]any)
		sort, _ := m["type"].(string)
		switch sort {
		case "photo", "video":
			sorts["photo"] = true
		case "document", "audio":
			sorts[sort] = true
		default:
			return fmt.Sprintf("has a %q, which albums do not have", sort)
		}
		caption, _ := m["caption"].(string)
		if len(utf16.Encode([]rune(caption))) > 1024 {
			return "has a caption of more than 1,024 units"
		}
		list, _ := m["caption_entities"].([]any)
		for _, e := range list {
			if problem := wrongEntity(e, caption); problem != "" {
				return problem
			}
		}
		for _, name := range slices.Sorted(maps.Keys(m)) {
			if !slices.Contains([]string{"type", "media", "caption", "caption_entities"}, name) {
				return fmt.Sprintf("has no field %q", name)
			}
		}
		if file, _ := m["media"].(string); file == "" {
			return "has an item without a file"
		}
	}
	return unless(len(sorts) == 1, "has documents or audio with files of other kinds")
}

// https://core.telegram.org/bots/api#inlinekeyboardbutton
func wrongKeyboard(value any) string {
	data, _ := json.Marshal(value)
	var k struct {
		Rows [][]Button `json:"inline_keyboard"`
	}
	if json.Unmarshal(data, &k) != nil || k.Rows == nil {
		return "is no keyboard"
	}
	for _, row := range k.Rows {
		for _, b := range row {
			if b.Text == "" || (b.URL == "") == (b.Data == "") || len(b.Data) > 64 {
				return fmt.Sprintf("has a button that cannot be: %+v (%d bytes of data)", b, len(b.Data))
			}
		}
	}
	return ""
}
