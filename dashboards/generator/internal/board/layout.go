package board

import (
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"github.com/credits-exporter/credits_exporter/dashboards/generator/internal/panel"
)

// grid places panels from left to right, and begins a new line where one is full.
type grid struct {
	x, y, lineHeight uint32
	id               uint32
}

// place builds the panels of all rows, each with its place and a number of its own.
func place(rows []Row) ([]dashboard.PanelOrRowPanel, error) {
	var g grid
	var out []dashboard.PanelOrRowPanel
	for _, row := range rows {
		out = append(out, dashboard.PanelOrRowPanel{RowPanel: g.row(row)})
		for _, p := range row.Panels {
			built, err := p.Build()
			if err != nil {
				return nil, err
			}
			built.GridPos = g.next(p.Width, p.Height)
			built.Id = new(g.id)
			out = append(out, dashboard.PanelOrRowPanel{Panel: &built})
		}
	}
	return out, nil
}

func (g *grid) row(row Row) *dashboard.RowPanel {
	g.breakLine()
	out := dashboard.NewRowPanel()
	out.Title = &row.Title
	out.GridPos = g.next(panel.Columns, 1)
	out.Id = g.id
	if row.Repeat != "" {
		out.Repeat = &row.Repeat
	}
	return out
}

func (g *grid) next(width, height uint32) *dashboard.GridPos {
	if g.x+width > panel.Columns {
		g.breakLine()
	}
	pos := &dashboard.GridPos{X: g.x, Y: g.y, W: width, H: height}
	g.x += width
	g.lineHeight = max(g.lineHeight, height)
	g.id++
	return pos
}

func (g *grid) breakLine() {
	g.x, g.y, g.lineHeight = 0, g.y+g.lineHeight, 0
}
