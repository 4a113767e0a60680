package plugwright

import (
	"errors"
	"io/fs"
	"os"

	"github.com/tetratelabs/wazero"
	experimentalsys "github.com/tetratelabs/wazero/experimental/sys"
	"github.com/tetratelabs/wazero/experimental/sysfs"

	"github.com/plugwright/plugwright/sdks/go/internal/rootfs"
)

// folders are the host's folders that a plug-in may use, opened. Instances share them.
type folders []openFolder

type openFolder struct {
	allowedPath
	root *os.Root
}

// openFolders opens the folders of a manifest's AllowedPaths. The error is an [*Error]: KindInvalidManifest, or KindLoad
// when a folder cannot be opened.
func openFolders(paths map[string]string) (folders, error) {
	parsed, bad := parseAllowedPaths(paths)
	if bad != nil {
		return nil, bad.err("")
	}
	opened := make(folders, 0, len(parsed))
	for _, allowed := range parsed {
		root, err := os.OpenRoot(allowed.host)
		if err != nil {
			reason := err
			var detail *fs.PathError
			if errors.As(err, &detail) {
				reason = detail.Err
			}
			return nil, newError(KindLoad, "cannot open the folder `%s` of `allowed_paths`: %s", allowed.host, reason).
				because(errors.Join(err, opened.close()))
		}
		opened = append(opened, openFolder{allowedPath: allowed, root: root})
	}
	return opened, nil
}

// mount shows the folders to one instance.
func (f folders) mount(config wazero.FSConfig) wazero.FSConfig {
	for _, folder := range f {
		var files experimentalsys.FS = rootfs.New(folder.root)
		if folder.readOnly {
			files = &sysfs.ReadFS{FS: files}
		}
		// wazero promises that its configuration has this method.
		config = config.(sysfs.FSConfig).WithSysFSMount(files, folder.guest)
	}
	return config
}

// close closes the folders, which no instance may use any more.
func (f folders) close() error {
	var all error
	for _, folder := range f {
		all = errors.Join(all, folder.root.Close())
	}
	return all
}
