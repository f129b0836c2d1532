package config

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/credits-exporter/credits_exporter/providers"
	"github.com/credits-exporter/credits_exporter/providers/strict"
)

// credentialsDirectory is the one thing that is expanded, at the start of a credential file's path: where systemd puts
// what a unit's LoadCredential names.
const (
	credentialsDirectory    = "CREDENTIALS_DIRECTORY"
	credentialsDirectoryRef = "${" + credentialsDirectory + "}/"
)

var (
	envName   = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	expansion = regexp.MustCompile(`^\$\{[^}]*\}$`)
)

// Why a credential cannot be used.
var (
	errEmpty   = errors.New("empty")
	errNotText = errors.New("not UTF-8 text")
	errControl = errors.New("a line break or another control character stands inside; it must be one line")
	errNotSet  = errors.New("not set")
)

// Credential is where a credential is: a file, an environment variable, or the configuration itself.
type Credential struct {
	// A pointer, because no way of printing follows one inside a struct.
	source *source
}

type source struct {
	name  string         // what the definition calls it
	place strict.Problem // where it stands in the configuration
	env   LookupEnv

	file     string // as it is opened, but for what stands for another folder at its start
	readable bool   // by every user of the machine, when the configuration was read
	variable string
	plain    providers.Secret
}

// Name is what the definition calls the credential.
func (c Credential) Name() string {
	if c.source == nil {
		return ""
	}
	return c.source.name
}

// Read reads the credential as it is now, without the white space around it. It is called for every poll, so that a
// rotated file needs no reload. Its error says where the credential was looked for, and never what was found.
func (c Credential) Read() (providers.Secret, error) {
	if c.source == nil {
		return providers.Secret{}, errNotSet
	}
	secret, err := c.source.read()
	if err != nil {
		return providers.Secret{}, fmt.Errorf("credential %s: %w", c.source.name, err)
	}
	return secret, nil
}

// Same tells whether another Credential is kept at the same place, or is the same text.
func (c Credential) Same(other any) bool {
	o, ok := other.(Credential)
	if !ok || c.source == nil || o.source == nil {
		return ok && c.source == o.source
	}
	a, b := c.source, o.source
	return a == b || a.name == b.name && a.file == b.file && a.variable == b.variable && a.plain.Reveal() == b.plain.Reveal()
}

// String says where the credential is, and never what.
func (c Credential) String() string {
	switch {
	case c.source == nil:
		return "none"
	case c.source.file != "":
		return "file " + c.source.path()
	case c.source.variable != "":
		return "environment variable " + c.source.variable
	}
	return "plain text in the configuration"
}

// MarshalText is String, for JSON and YAML.
func (c Credential) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// CheckCredentials reads every credential and certificate file of the enabled accounts, and says which cannot be used.
func (c *Config) CheckCredentials() strict.Problems {
	var problems strict.Problems
	for _, a := range c.Accounts {
		if !a.Enabled {
			continue
		}
		for _, credential := range a.Credentials {
			if _, err := credential.source.read(); err != nil {
				p := credential.source.place
				p.Text = err.Error()
				problems = append(problems, p)
			}
		}
		problems = append(problems, a.HTTPClient.check()...)
	}
	return problems.Sorted()
}

func (s *source) read() (providers.Secret, error) {
	var raw string
	switch {
	case s.file != "":
		if _, set := s.env(credentialsDirectory); !set && strings.HasPrefix(s.file, credentialsDirectoryRef) {
			return providers.Secret{}, fmt.Errorf("%s is not set; systemd sets it for units with LoadCredential", credentialsDirectory)
		}
		data, err := readRegular(s.path(), maxCredentialFile)
		if err != nil {
			return providers.Secret{}, fmt.Errorf("file %s: %w", s.path(), err)
		}
		raw = string(data)
	case s.variable != "":
		value, set := s.env(s.variable)
		if !set {
			return providers.Secret{}, fmt.Errorf("environment variable %s: %w", s.variable, errNotSet)
		}
		raw = value
	default:
		raw = s.plain.Reveal()
	}
	clean, err := cleanCredential(raw)
	if err != nil {
		return providers.Secret{}, fmt.Errorf("%s: %w", Credential{s}, err)
	}
	return providers.NewSecret(clean), nil
}

// path is the credential file's path as it is opened.
func (s *source) path() string {
	if rest, ok := strings.CutPrefix(s.file, credentialsDirectoryRef); ok {
		if dir, set := s.env(credentialsDirectory); set {
			return filepath.Join(dir, rest)
		}
	}
	return s.file
}

// cleanCredential takes away what editors and shells put around a key, and refuses what cannot be one.
func cleanCredential(raw string) (string, error) {
	clean := strings.TrimSpace(strings.TrimPrefix(raw, "\ufeff"))
	switch {
	case clean == "":
		return "", errEmpty
	case !utf8.ValidString(clean):
		return "", errNotText
	case strings.ContainsFunc(clean, unicode.IsControl):
		return "", errControl
	}
	return clean, nil
}

// credentials reads the credentials that the definition asks for.
func (r *reader) credentials(account *strict.Mapping, d *providers.Definition) []Credential {
	n := account.Take("credentials")
	m, ok := n.Map()
	if n.Exists() && !ok {
		return nil
	}
	if d == nil {
		if ok {
			for _, e := range m.Entries() {
				// A key without a value may be a credential in the wrong place, and a problem would name it.
				if e.Value.Form() != strict.Null {
					r.credential(e.Value, e.Key)
				}
			}
		}
		return nil
	}
	given := make([]Credential, 0, len(d.Credentials))
	for _, wanted := range d.Credentials {
		if ok {
			if n := m.Take(wanted.Name); n.Exists() {
				given = append(given, r.credential(n, wanted.Name))
			} else {
				m.Problem("%s is missing%s", wanted.Name, explain(wanted.Help))
			}
			continue
		}
		account.Problem("credentials.%s is missing%s", wanted.Name, explain(wanted.Help))
	}
	if ok {
		m.DoneHidden()
	}
	return given
}

func (r *reader) credential(n strict.Node, name string) Credential {
	s := &source{name: name, place: n.Note(""), env: r.env}
	if n.Form() == strict.Map {
		r.credentialSource(n, s)
		return Credential{s}
	}
	raw, ok := n.Raw()
	if !ok {
		return Credential{s}
	}
	s.plain = providers.NewSecret(raw)
	if _, err := cleanCredential(raw); err != nil {
		n.Problem("cannot be a credential: %v", err)
	}
	if expansion.MatchString(raw) {
		n.Problem("nothing is expanded here; write {env: NAME} for an environment variable")
	}
	r.warn(n.Note("the credential stands here in plain text; {file: PATH} or {env: NAME} keeps it out of this file"))
	return Credential{s}
}

func (r *reader) credentialSource(n strict.Node, s *source) {
	m, _ := n.Map()
	file, variable := m.Take("file"), m.Take("env")
	m.DoneHidden()
	if file.Exists() == variable.Exists() {
		m.Problem("must be {file: PATH} or {env: NAME}, one of the two")
		return
	}
	if path, ok := text(file); ok {
		s.file = path
		if !strings.HasPrefix(path, credentialsDirectoryRef) {
			s.file = resolve(r.dir, path)
		}
		if strings.HasPrefix(path, "${") && !strings.HasPrefix(path, credentialsDirectoryRef) {
			file.Problem("only %s at the start is expanded", credentialsDirectoryRef)
		}
		r.warnReadable(file, s)
	}
	if name, ok := variable.Raw(); ok {
		s.variable = name
		if !envName.MatchString(name) {
			variable.Problem("must be the name of an environment variable, without a dollar sign")
		}
	}
}

// mounted are folders that a container's runtime fills, with modes that only it decides.
var mounted = []string{"/run/secrets/", "/var/run/secrets/"}

// warnReadable warns of a key file that every user of the machine can read. In a container there is no other user.
func (r *reader) warnReadable(n strict.Node, s *source) {
	if s.readable = r.readable(s.path()); s.readable {
		r.warn(n.Note("every user of this machine can read this file; chmod 0600 it, or 0640 with a group"))
	}
}

// readable tells whether every user of the machine can read a file.
func (r *reader) readable(path string) bool {
	_, kubernetes := r.env("KUBERNETES_SERVICE_HOST")
	if kubernetes || runtime.GOOS == "windows" ||
		slices.ContainsFunc(mounted, func(dir string) bool { return strings.HasPrefix(path, dir) }) {
		return false
	}
	mode, err := r.files.mode(path)
	if err != nil || !mode.IsRegular() {
		return false // missing or unusable: the poll says so, or CheckCredentials
	}
	const readableByOthers fs.FileMode = 0o004
	return mode&readableByOthers != 0
}

func (r *reader) warn(p strict.Problem) { r.warnings = append(r.warnings, p) }
