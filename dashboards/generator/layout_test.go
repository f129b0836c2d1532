package main

import (
	"fmt"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// Panels lie side by side within the grid's 24 columns, no place belongs to two, and each has a number of its own.
func TestLayout(t *testing.T) {
	for uid, d := range decoded(t) {
		taken, ids := map[string]string{}, map[uint32]string{}
		for _, p := range d.Panels {
			title, pos, id := describePanel(p)
			if ids[id] != "" || id == 0 {
				t.Errorf("%s: %s and %s have the number %d", uid, title, ids[id], id)
			}
			ids[id] = title
			if pos.X+pos.W > 24 || pos.W == 0 || pos.H == 0 {
				t.Errorf("%s: %s leaves the grid: %+v", uid, title, pos)
			}
			for x := pos.X; x < pos.X+pos.W; x++ {
				for y := pos.Y; y < pos.Y+pos.H; y++ {
					place := fmt.Sprint(x, ",", y)
					if taken[place] != "" {
						t.Fatalf("%s: %s and %s overlap at %s", uid, title, taken[place], place)
					}
					taken[place] = title
				}
			}
		}
	}
}

func describePanel(p dashboard.PanelOrRowPanel) (string, dashboard.GridPos, uint32) {
	if p.RowPanel != nil {
		return *p.RowPanel.Title, *p.RowPanel.GridPos, p.RowPanel.Id
	}
	return *p.Panel.Title, *p.Panel.GridPos, *p.Panel.Id
}
