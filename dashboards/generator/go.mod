module github.com/credits-exporter/credits_exporter/dashboards/generator

go 1.26.8

require github.com/grafana/grafana-foundation-sdk/go v0.0.18
