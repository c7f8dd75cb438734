package chat

import (
	"context"
	"fmt"
	"path"
	"runtime"
	"strings"
	"unicode/utf8"
)

const (
	// maxPanicValue is how many bytes of a panic's value are kept.
	maxPanicValue = 500
	// maxPanicFrames is how many calls of its stack are logged.
	maxPanicFrames = 20
)

// logPanic logs a panic and returns it as an error. It must be called by the
// deferred function that has recovered p.
func (c *Chat) logPanic(ctx context.Context, msg string, p any, attrs ...any) error {
	value := panicValue(p)
	attrs = append(attrs, "panic", value, "stack", panicStack())
	c.log.ErrorContext(ctx, msg, attrs...)
	if cause, ok := p.(error); ok {
		return fmt.Errorf("%w: %w", ErrPanic, cause)
	}
	return fmt.Errorf("%w: %s", ErrPanic, value)
}

// panicValue returns what the program has said with its panic, bounded: it may
// hold anything that the program has.
func panicValue(p any) string {
	value := strings.ToValidUTF8(fmt.Sprint(p), "�")
	if len(value) <= maxPanicValue {
		return value
	}
	cut := maxPanicValue
	for !utf8.RuneStart(value[cut]) {
		cut--
	}
	return value[:cut] + "…"
}

// panicStack returns the calls that led to the panic, the innermost first, in one
// line that every log format shows as it is: "main.answer (bot/main.go:31) < …".
// The runtime's own calls and those of this package that led to the program's are
// left out.
func panicStack() string {
	var pcs [64]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs[:])])
	var calls []string
	panicking := false
	for len(calls) < maxPanicFrames {
		frame, more := frames.Next()
		name := path.Base(frame.Function)
		switch {
		case name == "runtime.gopanic":
			panicking = true
		case name == "chat.router.callHandler" && panicking:
			more = false
		case panicking && frame.Function != "" && !strings.HasPrefix(name, "runtime."):
			file := path.Join(path.Base(path.Dir(frame.File)), path.Base(frame.File))
			calls = append(calls, fmt.Sprintf("%s (%s:%d)", name, file, frame.Line))
		}
		if !more {
			break
		}
	}
	return strings.Join(calls, " < ")
}
