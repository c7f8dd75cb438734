package main

import (
	"archive/zip"
	"path"
	"path/filepath"
	"strings"
)

// longestFile is the size in bytes above which a file that ships is a mistake.
const longestFile = 1 << 20

// listZips says what each module's zip ships, and looks for what should not.
func (r *rehearsal) listZips() error {
	for _, m := range r.modules {
		name := filepath.Join(r.dir, "served", "cache", "download", filepath.FromSlash(m.Path()), "@v", m.Version+".zip")
		archive, err := zip.OpenReader(name)
		if err != nil {
			return err
		}
		var size uint64
		kinds := map[string]int{}
		var tests, others []string
		licensed := false
		for _, f := range archive.File {
			file := strings.TrimPrefix(f.Name, m.Path()+"@"+m.Version+"/")
			size += f.UncompressedSize64
			licensed = licensed || file == "LICENSE"
			switch {
			case strings.HasSuffix(file, "_test.go") || strings.Contains("/"+file, "/testdata/"):
				tests = append(tests, file)
			case path.Ext(file) == ".go":
				kinds["go"]++
			default:
				others = append(others, file)
			}
			switch {
			case f.UncompressedSize64 > longestFile:
				r.fault("%s ships %s with %d bytes", m.Folder, file, f.UncompressedSize64)
			case path.Base(file) == "go.work" || path.Base(file) == "modules.json" || strings.Contains("/"+file, "/node_modules/"):
				r.fault("%s ships %s", m.Folder, file)
			}
			if r.options.verbose {
				r.say("  %s/%s", m.Folder, file)
			}
		}
		if !licensed {
			r.fault("%s ships no LICENSE", m.Folder)
		}
		r.say("%s %s: %d KiB: %d Go files, %d of tests, and %s", m.Folder, m.Version, size>>10, kinds["go"], len(tests), strings.Join(others, " "))
		if err := archive.Close(); err != nil {
			return err
		}
	}
	return nil
}
