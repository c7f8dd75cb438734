package chaos

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
)

// kind says what a record tells.
type kind string

const (
	kindBegin kind = "begin" // a handler was called
	kindStep  kind = "step"  // it has worked a little
	kindEnd   kind = "end"   // it returned
	kindTold  kind = "told"  // the bot reported a step of a message to its observer

	kindStarved kind = "starved" // the process did not get the processor, or was stopped
)

// record is one line of a bot's journal.
type record struct {
	At   int64 `json:"at"` // as now tells
	Kind kind  `json:"kind"`
	// Since is when a process was last seen running before it starved.
	Since int64 `json:"since,omitempty"`
	// Run is the handler's number in its process, from 1.
	Run    int64  `json:"run,omitempty"`
	Thread string `json:"thread,omitempty"`
	// Messages are those that the handler got, the skipped ones first.
	Messages []string `json:"messages,omitempty"`
	Attempt  int      `json:"attempt,omitempty"`
	// Live says that the handler's context had not ended at the time.
	Live bool `json:"live,omitempty"`
	// Err is what the handler returned.
	Err string `json:"err,omitempty"`
	// Step is the name of a reported step.
	Step string `json:"step,omitempty"`
}

// journal is the file of one process. It is safe for concurrent use.
type journal struct {
	file *os.File
	runs atomic.Int64
}

// journalSuffix ends the name of a journal, which begins with the bot's name.
const journalSuffix = ".journal"

func openJournal(dir, bot string) (*journal, error) {
	f, err := os.OpenFile(filepath.Join(dir, bot+journalSuffix), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	return &journal{file: f}, nil
}

// write adds a record with one write. A bot that cannot keep records must not go
// on: what it did would be unknown.
func (j *journal) write(r record) {
	line, err := json.Marshal(r)
	if err == nil {
		_, err = j.file.Write(append(line, '\n'))
	}
	if err != nil {
		panic(fmt.Sprintf("chaos: the journal: %v", err))
	}
}

// save keeps what the platform and the plan know besides the journals.
func (h history) save(dir string) error {
	for name, value := range map[string]any{"deliveries.json": h.deliveries, "faults.json": h.faults} {
		data, err := json.Marshal(value)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// readJournals returns the records of all bots in the folder, by bot.
func readJournals(dir string) (map[string][]record, error) {
	all := map[string][]record{}
	reader := journalReader{dir: dir}
	err := reader.read(func(bot string, r record) { all[bot] = append(all[bot], r) })
	return all, err
}

// journalReader reads the journals of a folder while they grow.
type journalReader struct {
	dir   string
	ended map[string]int64 // where the next record begins, by file
}

// read hands over what is new since the last call, in order for each bot.
func (j *journalReader) read(each func(bot string, r record)) error {
	paths, err := filepath.Glob(filepath.Join(j.dir, "*"+journalSuffix))
	if err != nil {
		return err
	}
	if j.ended == nil {
		j.ended = map[string]int64{}
	}
	for _, path := range paths {
		data, err := readFrom(path, j.ended[path])
		if err != nil {
			return err
		}
		records, length, err := parseJournal(data)
		if err != nil {
			return fmt.Errorf("%s from byte %d: %w", path, j.ended[path], err)
		}
		j.ended[path] += int64(length)
		bot := filepath.Base(path[:len(path)-len(journalSuffix)])
		for _, r := range records {
			each(bot, r)
		}
	}
	return nil
}

func readFrom(path string, offset int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		return nil, err
	}
	return io.ReadAll(f)
}

// parseJournal reads the lines, and returns how long they are. A last line without
// an end was cut off by a kill, or is still written, and does not count.
func parseJournal(data []byte) (records []record, length int, err error) {
	for {
		line, _, whole := bytes.Cut(data[length:], []byte{'\n'})
		if !whole {
			return records, length, nil
		}
		length += len(line) + 1
		var r record
		if err := json.Unmarshal(line, &r); err != nil {
			return nil, 0, fmt.Errorf("record %d: %w", len(records)+1, err)
		}
		records = append(records, r)
	}
}
