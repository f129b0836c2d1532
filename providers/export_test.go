package providers

// What the tests of the catalogue need of the inside. They stand outside of the package because the signers, which
// some vendors need, import it.

// The forms of a body.
const (
	BodyJSON     = bodyJSON
	BodyText     = bodyText
	BodyKeyValue = bodyKeyValue
)

// ParseBody reads a body as the engine does.
func ParseBody(form string, data []byte) (any, error) { return parseBody(form, data) }

// ReadKind brings a vendor's word into the form of a kind.
func ReadKind(s string) (string, error) { return readKind(s) }

// BodyForm is the form of the answer to the definition's request, or to its `first`.
func (d *Definition) BodyForm(first bool) string {
	if first && d.rules.first != nil {
		return d.rules.first.body
	}
	return d.rules.request.body
}
