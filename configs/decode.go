package configs

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"wenbao/bot/redact"
)

// decode sets target, a field of Config, to value as YAML or a variable gives
// it. Its errors never hold a secret.
func decode(target reflect.Value, value any) error {
	switch t := target.Addr().Interface().(type) {
	case *Secret:
		return decodeSecret(t, value)
	case *string:
		return decodeString(t, value)
	case *int:
		return decodeInt(t, value)
	case *float64:
		return decodeFloat(t, value)
	case *bool:
		return decodeBool(t, value)
	case *Allow:
		return decodeList((*[]AllowEntry)(t), value, parseAllowEntry)
	case *OpsTokens:
		return decodeList((*[]OpsToken)(t), value, parseOpsToken)
	default:
		return fmt.Errorf("has a type without a decoder, %T", t)
	}
}

func decodeSecret(t *Secret, value any) error {
	text, ok := value.(string)
	if !ok {
		return errors.New("needs text; put it into quotes")
	}
	if text == redact.Mark {
		return fmt.Errorf("is %s, which stands for a secret in printed settings; give the secret itself", redact.Mark)
	}
	*t = redact.NewSecret(text)
	return nil
}

func decodeString(t *string, value any) error {
	text, ok := value.(string)
	if !ok {
		return fmt.Errorf("needs text, not %v; put it into quotes", value)
	}
	*t = text
	return nil
}

func decodeInt(t *int, value any) error {
	switch v := value.(type) {
	case int:
		*t = v
		return nil
	case string:
		n, err := strconv.Atoi(v)
		if err == nil {
			*t = n
			return nil
		}
	}
	return fmt.Errorf("needs a whole number, not %v", value)
}

func decodeFloat(t *float64, value any) error {
	switch v := value.(type) {
	case int:
		*t = float64(v)
		return nil
	case float64:
		*t = v
		return nil
	case string:
		n, err := strconv.ParseFloat(v, 64)
		if err == nil {
			*t = n
			return nil
		}
	}
	return fmt.Errorf("needs a number, not %v", value)
}

func decodeBool(t *bool, value any) error {
	switch v := value.(type) {
	case bool:
		*t = v
		return nil
	case string:
		b, err := strconv.ParseBool(v)
		if err == nil {
			*t = b
			return nil
		}
	}
	return fmt.Errorf("needs true or false, not %v", value)
}

// decodeList reads a YAML list, or text with commas, spaces or line ends
// between the items.
func decodeList[T any](t *[]T, value any, parse func(string) (T, error)) error {
	var list []T
	var errs []error
	for _, item := range items(value) {
		parsed, err := parse(item)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		list = append(list, parsed)
	}
	if len(errs) > 0 {
		return errors.New(joined(errs))
	}
	*t = list
	return nil
}

func items(value any) []string {
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	var texts []string
	for _, item := range list {
		texts = append(texts, strings.FieldsFunc(fmt.Sprint(item), func(r rune) bool {
			return strings.ContainsRune(", \t\r\n", r)
		})...)
	}
	return texts
}

func joined(errs []error) string {
	texts := make([]string, len(errs))
	for i, err := range errs {
		texts[i] = err.Error()
	}
	return strings.Join(texts, "; ")
}
