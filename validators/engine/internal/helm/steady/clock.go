package steady

import (
	"maps"
	"slices"
	"text/template"
	"time"

	"github.com/Masterminds/sprig/v3"
)

// Now is the moment at which every chart is rendered.
var Now = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// clock stops the time. Flux's controllers run in UTC, so "Local" is UTC.
func clock() template.FuncMap {
	original := sprig.TxtFuncMap()
	format := original["dateInZone"].(func(string, any, string) string)
	round := original["durationRound"].(func(any) string)
	inZone := func(layout string, date any, zone string) string {
		if zone == "Local" {
			zone = "UTC"
		}
		return format(layout, moment(date), zone)
	}
	parse := func(layout, text string) (time.Time, error) { return time.ParseInLocation(layout, text, time.UTC) }
	return template.FuncMap{
		"now":            func() time.Time { return Now },
		"ago":            func(date any) string { return Now.Sub(moment(date)).Round(time.Second).String() },
		"date":           func(layout string, date any) string { return inZone(layout, date, "UTC") },
		"dateInZone":     inZone,
		"date_in_zone":   inZone,
		"htmlDate":       func(date any) string { return inZone(time.DateOnly, date, "UTC") },
		"htmlDateInZone": func(date any, zone string) string { return inZone(time.DateOnly, date, zone) },
		"toDate":         func(layout, text string) time.Time { date, _ := parse(layout, text); return date },
		"mustToDate":     parse,
		"durationRound": func(duration any) string {
			if date, ok := duration.(time.Time); ok {
				return round(int64(Now.Sub(date)))
			}
			return round(duration)
		},
	}
}

// moment reads a date as Sprig does: seconds since the epoch, or a time; anything else is now.
func moment(date any) time.Time {
	switch date := date.(type) {
	case time.Time:
		return date
	case *time.Time:
		return *date
	case int64:
		return time.Unix(date, 0)
	case int32:
		return time.Unix(int64(date), 0)
	case int:
		return time.Unix(int64(date), 0)
	}
	return Now
}

// ordered sorts what Sprig returns in the random order of Go's maps.
func ordered() template.FuncMap {
	return template.FuncMap{
		"keys": func(dicts ...map[string]any) []string {
			keys := []string{}
			for _, dict := range dicts {
				keys = append(keys, slices.Sorted(maps.Keys(dict))...)
			}
			return keys
		},
		"values": func(dict map[string]any) []any {
			values := []any{}
			for _, key := range slices.Sorted(maps.Keys(dict)) {
				values = append(values, dict[key])
			}
			return values
		},
	}
}
