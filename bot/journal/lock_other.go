//go:build !unix

package journal

import "os"

// acquire opens the lock file; keeping others out is left to the operator.
func acquire(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
}

// ignoreUnsupported drops errors: folders cannot be flushed here.
func ignoreUnsupported(error) error { return nil }
