package configs

import (
	"fmt"
	"strings"
)

// Problem is one thing wrong with the settings.
type Problem struct {
	// Key is the setting concerned; empty where the problem is elsewhere.
	Key string
	// Message says what is wrong and what to do. It never holds a secret.
	Message string
}

func (p Problem) String() string {
	if p.Key == "" {
		return p.Message
	}
	return fmt.Sprintf("%s (%s): %s", p.Key, envName(p.Key), p.Message)
}

// Problems is everything wrong with the settings, as one error.
type Problems []Problem

func (ps Problems) Error() string {
	lines := make([]string, 0, len(ps)+1)
	if len(ps) != 1 {
		lines = append(lines, fmt.Sprintf("%d problems in the settings:", len(ps)))
	} else {
		lines = append(lines, "a problem in the settings:")
	}
	for _, p := range ps {
		lines = append(lines, "  "+p.String())
	}
	return strings.Join(lines, "\n")
}

// add notes a problem with the setting key.
func (ps *Problems) add(key, format string, args ...any) {
	*ps = append(*ps, Problem{Key: key, Message: fmt.Sprintf(format, args...)})
}

// err returns ps as an error, nil where there is no problem.
func (ps Problems) err() error {
	if len(ps) == 0 {
		return nil
	}
	return ps
}
