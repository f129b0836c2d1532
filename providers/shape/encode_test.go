package shape_test

import (
	"regexp"
	"testing"

	"github.com/credits-exporter/credits_exporter/providers/shape"
)

func TestEncode(t *testing.T) {
	s := shape.Object(
		shape.Require("name", shape.Text().Like(regexp.MustCompile("^<a&b>$")), "It is <x>."),
		shape.Take("colour", shape.Words("red", "blue").Otherwise("red"), "A colour."),
		shape.Take("size", shape.Either(shape.Integer(0, 9), shape.Number()), "A size."),
		shape.Take("labels", shape.Map(shape.Text().Example("team"), shape.Scalar()).OrEmpty(), "Labels."),
	).Root("https://schema.example/", "A thing", "It has a name.")
	got, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != encoded {
		t.Errorf("%s\nwant\n%s", got, encoded)
	}
}

// The keys are in the order of the fields, and < stays <.
const encoded = `{
  "$schema": "http://json-schema.org/draft-07/schema#",
  "$id": "https://schema.example/",
  "title": "A thing",
  "description": "It has a name.",
  "type": "object",
  "properties": {
    "name": {
      "description": "It is <x>.",
      "type": "string",
      "pattern": "^<a&b>$"
    },
    "colour": {
      "description": "A colour.",
      "type": "string",
      "enum": [
        "red",
        "blue"
      ],
      "default": "red"
    },
    "size": {
      "description": "A size.",
      "anyOf": [
        {
          "type": "integer",
          "minimum": 0,
          "maximum": 9
        },
        {
          "type": "number"
        }
      ]
    },
    "labels": {
      "description": "Labels.",
      "type": [
        "object",
        "null"
      ],
      "propertyNames": {
        "type": "string",
        "examples": [
          "team"
        ]
      },
      "additionalProperties": {
        "type": [
          "string",
          "number",
          "boolean"
        ]
      }
    }
  },
  "required": [
    "name"
  ],
  "additionalProperties": false
}
`
