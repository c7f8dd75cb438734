package twilio

import (
	"strings"
	"unicode/utf16"
)

// Segments is how a text is sent as SMS.
type Segments struct {
	// Count is how many segments it takes, each of which is paid for. An empty text has
	// none.
	Count int
	// Unicode says that the text has characters that GSM-7 has not, so that it is sent
	// in UCS-2, of which less fits into a segment.
	Unicode bool
	// Length is the text's length in what a segment counts: septets of GSM-7, or code
	// units of UTF-16.
	Length int
}

// The characters of GSM-7, and those that take two of them.
// See 3GPP TS 23.038, sections 6.2.1 and 6.2.1.1, and
// https://www.twilio.com/docs/glossary/what-is-gsm-7-character-encoding
const (
	gsmBasic    = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtended = "\f^{}\\[~]|€"
)

// What fits into a message of one segment, and into each segment of a longer one, which
// has a header. https://www.twilio.com/docs/glossary/what-sms-character-limit
const (
	gsmSingle, gsmPart         = 160, 153
	unicodeSingle, unicodePart = 70, 67
)

// CountSegments returns how a text is sent as SMS. Twilio's Smart Encoding can make it
// shorter; it is a setting of a messaging service.
func CountSegments(text string) Segments {
	s := Segments{}
	for _, r := range text {
		if !strings.ContainsRune(gsmBasic, r) && !strings.ContainsRune(gsmExtended, r) {
			s.Unicode = true
			break
		}
	}
	single, part := gsmSingle, gsmPart
	if s.Unicode {
		single, part = unicodeSingle, unicodePart
	}
	count, used := 1, 0 // in a message of several segments
	for _, r := range text {
		size := 1
		if s.Unicode {
			size = max(1, utf16.RuneLen(r)) // what is no UTF-8 becomes one unit
		} else if strings.ContainsRune(gsmExtended, r) {
			size = 2
		}
		s.Length += size
		if used+size > part { // no character stands in two segments
			count, used = count+1, 0
		}
		used += size
	}
	switch {
	case s.Length == 0:
	case s.Length <= single:
		s.Count = 1
	default:
		s.Count = count
	}
	return s
}
