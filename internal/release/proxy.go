// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// writeProxy writes the modules that are released into dir, in the layout of a
// module proxy (https://go.dev/ref/mod#goproxy-protocol), each pinned to version.
func writeProxy(dir string, modules []module, version string) error {
	for _, m := range modules {
		if !m.released() {
			continue
		}
		if err := writeVersion(filepath.Join(dir, filepath.FromSlash(m.path), "@v"), m, version); err != nil {
			return fmt.Errorf("%s: %w", m.path, err)
		}
	}
	return nil
}

func writeVersion(dir string, m module, version string) error {
	goMod, err := os.ReadFile(filepath.Join(m.dir, "go.mod"))
	if err != nil {
		return err
	}
	goMod = pinned(goMod, version)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, text := range map[string][]byte{
		"list":            []byte(version + "\n"),
		version + ".info": fmt.Appendf(nil, "{\"Version\":%q,\"Time\":\"2026-01-01T00:00:00Z\"}\n", version),
		version + ".mod":  goMod,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return err
		}
	}
	file, err := os.Create(filepath.Join(dir, version+".zip"))
	if err != nil {
		return err
	}
	if err := pack(file, m, version, goMod); err != nil {
		_ = file.Close()
		return err
	}
	return file.Close()
}

// pack writes the files of a module that are not those of a module below it, as
// Git would commit them.
func pack(to io.Writer, m module, version string, goMod []byte) error {
	names, err := filesOf(m)
	if err != nil {
		return err
	}
	archive := zip.NewWriter(to)
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(m.dir, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		if name == "go.mod" {
			text = goMod
		}
		entry, err := archive.Create(m.path + "@" + version + "/" + name)
		if err != nil {
			return err
		}
		if _, err := entry.Write(text); err != nil {
			return err
		}
	}
	return archive.Close()
}

// filesOf lists the files of a module by slash-separated name: those that Git
// knows, and those that it would add.
func filesOf(m module) ([]string, error) {
	out, err := output(m.dir, nil, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	if err != nil {
		return nil, err
	}
	var names, below []string
	for name := range strings.SplitSeq(strings.TrimSuffix(out, "\x00"), "\x00") {
		if _, err := os.Stat(filepath.Join(m.dir, filepath.FromSlash(name))); err != nil {
			continue // removed, and not yet committed
		}
		names = append(names, name)
		if dir := path.Dir(name); path.Base(name) == "go.mod" && dir != "." {
			below = append(below, dir+"/")
		}
	}
	return without(names, below), nil
}

// without returns the names that begin with none of the directories.
func without(names, dirs []string) (kept []string) {
next:
	for _, name := range names {
		for _, dir := range dirs {
			if strings.HasPrefix(name, dir) {
				continue next
			}
		}
		kept = append(kept, name)
	}
	return kept
}
