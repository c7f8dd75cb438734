package browsertest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/exampletest"
	"github.com/chat-adapter/chat-go/internal/repo"
)

var updatePictures = flag.Bool("update-pictures", false, "write the pictures of the documents anew")

// The pictures that documents show, and of what they were made.
var (
	pictureFolder  = filepath.Join("..", "..", "docs", "images")
	pictureSources = []string{"adapters/web/page/", "examples/showcase/", "internal/chaos/demo/page/"}
)

// TestThePicturesOfTheDocuments takes the pictures, and fails if those in docs/images
// are older than the page, the showcase or the demo. Then look at new ones:
//
//	go test ./internal/browsertest -run PicturesOfTheDocuments -args -update-pictures
func TestThePicturesOfTheDocuments(t *testing.T) {
	made := filepath.Join(pictureFolder, "made-from.txt")
	hash := hashOfSources(t)
	taken := takePictures(t)
	if *updatePictures {
		require.NoError(t, os.MkdirAll(pictureFolder, 0o755))
		for name, picture := range taken {
			require.NoError(t, os.WriteFile(filepath.Join(pictureFolder, name), picture, 0o644))
		}
		require.NoError(t, os.WriteFile(made, []byte(hash+"\n"), 0o644))
	}
	was, err := os.ReadFile(made)
	require.NoError(t, err)
	require.Equal(t, hash, strings.TrimSpace(string(was)), "the page, the showcase or the demo has changed since the pictures were taken: run the command above, and look at them")
	for name, picture := range taken {
		kept, err := os.ReadFile(filepath.Join(pictureFolder, name))
		require.NoError(t, err)
		want, err := png.DecodeConfig(bytes.NewReader(picture))
		require.NoError(t, err)
		have, err := png.DecodeConfig(bytes.NewReader(kept))
		require.NoError(t, err)
		require.Equal(t, []int{want.Width, want.Height}, []int{have.Width, have.Height}, name)
		require.Less(t, len(kept), 256<<10, "%s is a small file", name)
	}
}

// hashOfSources is the SHA-256 of the names and contents of all that is shown.
func hashOfSources(t *testing.T) string {
	t.Helper()
	root := filepath.Join("..", "..")
	files, err := repo.Files(root)
	require.NoError(t, err)
	sum, count := sha256.New(), 0
	for _, name := range files {
		for _, prefix := range pictureSources {
			if strings.HasPrefix(name, prefix) {
				text, err := os.ReadFile(filepath.Join(root, name))
				require.NoError(t, err)
				_, _ = io.WriteString(sum, name+"\x00"+string(text)+"\x00")
				count++
			}
		}
	}
	require.Greater(t, count, 5)
	return hex.EncodeToString(sum.Sum(nil))
}

// takePictures returns the pictures, as PNG by the names of their files.
func takePictures(t *testing.T) map[string][]byte {
	t.Helper()
	bot := exampletest.StartExample(t, "showcase", "memory://")
	taken := make(map[string][]byte)
	take := func(b *tab, name string) {
		b.painted()
		picture, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
		require.NoError(t, err)
		taken[name] = smaller(t, picture)
	}

	b := newTab(t, size{1100, 900})
	b.open(bot.Page())
	b.demo("plan", "Tea is ready")
	b.startConversation()
	b.demo("stream", "it is kept")
	b.demo("approval", "Delete them")
	b.wait(`document.querySelector('#jump').hidden`, "the page is at its end")
	take(b, "page.png")

	b = newTab(t, size{760, 1700})
	b.open(bot.Page())
	b.demo("card", "Order #1234")
	b.demo("choices", "Another round")
	b.demo("table", "TypeScript")
	take(b, "cards.png")

	b = newTab(t, size{760, 1450})
	b.open(bot.Page())
	b.demo("charts", "As areas")
	take(b, "charts.png")

	b = newTab(t, size{760, 1000})
	b.open(bot.Page())
	b.demo("form", "Plan a trip")
	b.click("[data-action=open-form]")
	b.wait(`document.querySelector('dialog[open] input')`, "the form is open")
	take(b, "form.png")

	demo := exampletest.StartExample(t, "demo", "")
	b = newTab(t, size{1280, 960})
	b.open(demo.URL("/"))
	b.flows()
	b.click("#bots li:nth-child(1) [data-fault=kill]")
	// Whether it had begun something that must be handled again is left to chance.
	b.wait(`document.querySelector('#bots li:nth-child(1)').dataset.name === 'bot-4'`, "another bot has started")
	b.flows()
	b.click("#bots li:nth-child(2) [data-fault=kill]")
	b.wait(`document.querySelector('#bots [data-state=killed]')`, "a bot is killed")
	take(b, "demo.png")
	return taken
}

// smaller packs a picture as tightly as PNG can.
func smaller(t *testing.T, picture []byte) []byte {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(picture))
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, img))
	return b.Bytes()
}
