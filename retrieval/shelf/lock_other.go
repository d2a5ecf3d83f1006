//go:build !unix

package shelf

import "os"

// acquire opens the lock file; keeping others out is left to the operator.
func acquire(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
}

// syncFolder does nothing: folders cannot be flushed here.
func syncFolder(string) error { return nil }
