module github.com/credits-exporter/credits_exporter/deploy/e2e

go 1.26.8

require gopkg.in/yaml.v3 v3.0.1
