package providers

import "strings"

// function is a function of jq that is available in expressions. All of them end, and none looks at anything but the
// answer.
type function struct {
	least, most int // how many arguments
	// literal tells that every argument must be a literal text, or a number of them from the first on.
	literals int
	// regexp: the first argument is a regular expression.
	regexp bool
	// deciding: the argument is a condition, which lets an element through or not and gives no figure.
	deciding bool
}

// available lists the functions of jq that expressions may use; amount and sum are our own.
var available = map[string]function{
	"select":         {least: 1, most: 1, deciding: true},
	"map":            {least: 1, most: 1},
	"values":         {},
	"length":         {},
	"keys":           {},
	"to_entries":     {},
	"from_entries":   {},
	"with_entries":   {least: 1, most: 1},
	"has":            {least: 1, most: 1},
	"any":            {most: 2, deciding: true},
	"all":            {most: 2, deciding: true},
	"first":          {most: 1},
	"last":           {most: 1},
	"min":            {},
	"max":            {},
	"min_by":         {least: 1, most: 1},
	"max_by":         {least: 1, most: 1},
	"sort_by":        {least: 1, most: 1},
	"group_by":       {least: 1, most: 1},
	"unique":         {},
	"not":            {},
	"empty":          {},
	"error":          {least: 1, most: 1, literals: 1},
	"tostring":       {},
	"type":           {},
	"test":           {least: 1, most: 2, literals: 2, regexp: true},
	"capture":        {least: 1, most: 2, literals: 2, regexp: true},
	"sub":            {least: 2, most: 3, literals: 1, regexp: true},
	"gsub":           {least: 2, most: 3, literals: 1, regexp: true},
	"split":          {least: 1, most: 1, literals: 1},
	"join":           {least: 1, most: 1, literals: 1},
	"ltrimstr":       {least: 1, most: 1, literals: 1},
	"rtrimstr":       {least: 1, most: 1, literals: 1},
	"ascii_downcase": {},
	"ascii_upcase":   {},
	"startswith":     {least: 1, most: 1, literals: 1},
	"endswith":       {least: 1, most: 1, literals: 1},
	"contains":       {least: 1, most: 1, literals: 1},
	"amount":         {},
	"sum":            {},
}

// instead says what to write for functions of jq that are not available.
func instead(name string) string {
	switch name {
	case "add":
		return "write sum, which reads every element as an amount, or list the parts as lots"
	case "tonumber":
		return "write amount; a figure that is a plain path needs neither"
	case "now", "fromdate", "fromdateiso8601", "todate", "date", "strptime", "mktime", "gmtime", "strftime", "dateadd", "datesub":
		return "give the time as it stands in the answer; the engine reads epochs, RFC 3339 and dates"
	case "env", "$ENV", "input", "inputs", "input_filename", "debug", "stderr", "halt", "halt_error", "getpath", "$__loc__":
		return "an expression sees the answer, $headers, params and gives, and nothing else"
	case "range", "limit", "until", "while", "repeat", "recurse", "recurse_down", "walk", "combinations", "paths":
		return "an expression must be finite by its form: write the path out"
	case "floor", "round", "ceil", "fabs", "trunc":
		return "leave the figure as it is; the engine is exact"
	case "sort":
		return "write sort_by(.)"
	case "unique_by":
		return "write group_by(...) | map(.[0])"
	case "map_values", "del", "setpath", "to_number", "tojson", "fromjson", "flatten", "transpose":
		return "an expression picks values and does not rebuild them"
	}
	if strings.HasPrefix(name, "@") {
		return "an expression picks values and does not format them"
	}
	return ""
}
