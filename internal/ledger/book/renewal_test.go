package book_test

func renewalExamples() []example {
	month := func(n int, remaining, used string) answer {
		return answer{remaining: remaining, used: used, allocated: "100", period: true, resets: day(30 * n)}
	}
	left := func(n int, remaining string) answer {
		return answer{remaining: remaining, period: true, resets: day(30 * n)}
	}
	const monthLong = 30 * 24 * hour
	return []example{
		{"at a renewal the rest is expired, the new allowance granted, the new period's use consumed", []step{
			{0, month(1, "70", "30"), "0", "0", "0"},
			{monthLong - minute, month(1, "60", "40"), "10", "0", "0"},
			{monthLong + minute, month(2, "97", "3"), "13", "100", "60"},
			{monthLong + hour, month(2, "95", "5"), "15", "100", "60"},
		}},
		{"a renewal that only the use shows: it fell", []step{
			{0, answer{remaining: "60", used: "40", allocated: "100", period: true}, "0", "0", "0"},
			{hour, answer{remaining: "97", used: "3", allocated: "100", period: true}, "3", "100", "60"},
		}},
		{"a small fall of the use, far from a renewal, is a correction", []step{
			{0, month(1, "60", "40"), "0", "0", "0"},
			{hour, month(1, "62", "38"), "0", "2", "0"},
		}},
		{"an idle account loses its allowance and gets a new one", []step{
			{0, month(1, "100", "0"), "0", "0", "0"},
			{monthLong + minute, month(2, "100", "0"), "0", "100", "100"},
			{monthLong + hour, month(2, "100", "0"), "0", "100", "100"},
		}},
		{"a date that moves before the use counter does is not the renewal yet", []step{
			{monthLong - minute, month(1, "10", "90"), "0", "0", "0"},
			{monthLong + minute, month(2, "9", "91"), "1", "0", "0"},
			{monthLong + 8*hour, month(2, "5", "95"), "5", "0", "0"},
			{monthLong + 9*hour, month(2, "97", "3"), "8", "100", "5"},
			{monthLong + 10*hour, month(2, "96", "4"), "9", "100", "5"},
		}},
		{"nor is it after a day, when the use was seen to go on after the date", []step{
			{monthLong - minute, month(1, "10", "90"), "0", "0", "0"},
			{monthLong + minute, month(2, "9", "91"), "1", "0", "0"},
			{monthLong + 30*hour, month(2, "5", "95"), "5", "0", "0"},
			{monthLong + 31*hour, month(2, "97", "3"), "8", "100", "5"},
		}},
		{"nor for a plan that is used up: it shows no new allowance yet", []step{
			{0, answer{remaining: "500", resets: day(30), lots: []part{
				{kind: "plan", left: "0", allocated: "100", period: true}, {kind: "extra", left: "500"},
			}}, "0", "0", "0"},
			{monthLong + minute, answer{remaining: "490", resets: day(60), lots: []part{
				{kind: "plan", left: "0", allocated: "100", period: true}, {kind: "extra", left: "490"},
			}}, "10", "0", "0"},
			{monthLong + hour, answer{remaining: "590", resets: day(60), lots: []part{
				{kind: "plan", left: "100", allocated: "100", period: true}, {kind: "extra", left: "490"},
			}}, "10", "100", "0"},
		}},
		{"a new period that begins with less than the whole allowance was granted less", []step{
			{0, month(1, "10", "90"), "0", "0", "0"},
			{monthLong + minute, month(2, "50", "0"), "0", "50", "10"},
		}},
		{"a use counter that starts again before the date moves renews once", []step{
			{monthLong - minute, month(1, "10", "90"), "0", "0", "0"},
			{monthLong - 10*minute/60, month(1, "100", "0"), "0", "100", "10"},
			{monthLong + minute, month(2, "100", "0"), "0", "100", "10"},
			{monthLong + 2*hour, month(2, "98", "2"), "2", "100", "10"},
		}},
		{"after an outage over the renewal the date is enough", []step{
			{20 * 24 * hour, month(1, "95", "5"), "0", "0", "0"},
			{monthLong + 5*24*hour, month(2, "88", "12"), "12", "100", "95"},
		}},
		{"after an outage over the renewal a use that is lower is enough, when no date is stated any more", []step{
			{0, month(1, "10", "90"), "0", "0", "0"},
			{monthLong + 25*hour, answer{remaining: "40", used: "60", allocated: "100", period: true}, "60", "100", "10"},
		}},
		{"another plan in the middle of the period renews early", []step{
			{0, month(1, "60", "40"), "0", "0", "0"},
			{10 * 24 * hour, answer{remaining: "200", used: "0", allocated: "200", period: true, resets: day(40)}, "0", "200", "60"},
		}},
		{"also where only the balance shows it", []step{
			{0, left(1, "30"), "0", "0", "0"},
			{10 * 24 * hour, answer{remaining: "100", period: true, resets: day(40)}, "0", "100", "30"},
		}},
		{"a plan lot that states its own use was granted what is left and what is used", []step{
			{0, answer{remaining: "530", resets: day(30), lots: []part{{kind: "plan", left: "30", used: "70", period: true}, {kind: "extra", left: "500"}}}, "0", "0", "0"},
			{monthLong + minute, answer{remaining: "595", resets: day(60), lots: []part{{kind: "plan", left: "95", used: "5", period: true}, {kind: "extra", left: "500"}}}, "5", "100", "30"},
		}},
		{"use that is first stated at a renewal tells nothing of the new period", []step{
			{0, left(1, "30"), "0", "0", "0"},
			{monthLong + minute, answer{remaining: "100", used: "10000", period: true, resets: day(60)}, "0", "100", "30"},
		}},
		{"without a stated use the date is enough, and what is there is what was granted", []step{
			{0, left(1, "30"), "0", "0", "0"},
			{monthLong + minute, left(2, "100"), "0", "100", "30"},
			{monthLong + hour, left(2, "90"), "10", "100", "30"},
		}},
		{"a stated allowance tells what was used of it since", []step{
			{0, answer{remaining: "30", allocated: "100", period: true, resets: day(30)}, "0", "0", "0"},
			{monthLong + hour, answer{remaining: "92", allocated: "100", period: true, resets: day(60)}, "8", "100", "30"},
		}},
		{"a date that trembles is no renewal", []step{
			{0, answer{remaining: "30", period: true, resets: day(30)}, "0", "0", "0"},
			{monthLong - minute, answer{remaining: "30", period: true, resets: day(30).Add(minute)}, "0", "0", "0"},
			{monthLong + 2*minute, answer{remaining: "30", period: true, resets: day(30).Add(2 * minute)}, "0", "0", "0"},
		}},
		{"debt is not lost at a renewal", []step{
			{0, left(1, "-20"), "0", "0", "0"},
			{monthLong + minute, left(2, "100"), "0", "120", "0"},
		}},
		{"without period, a renewal books the net change", []step{
			{0, answer{remaining: "30", resets: day(30)}, "0", "0", "0"},
			{monthLong + minute, answer{remaining: "130", resets: day(60)}, "0", "100", "0"},
			{2*monthLong + minute, answer{remaining: "110", resets: day(90)}, "20", "100", "0"},
		}},
		{"without period, use that starts again is consumption of the new period", []step{
			{0, answer{remaining: "30", used: "170", resets: day(30)}, "0", "0", "0"},
			{monthLong + minute, answer{remaining: "127", used: "3", resets: day(60)}, "3", "100", "0"},
		}},
		{"also when no date is stated any more", []step{
			{0, answer{remaining: "30", used: "170", resets: day(30)}, "0", "0", "0"},
			{monthLong + minute, answer{remaining: "127", used: "3"}, "3", "100", "0"},
		}},
		{"also when more than half of the last period's is used again", []step{
			{0, answer{remaining: "30", used: "170", resets: day(30)}, "0", "0", "0"},
			{monthLong + 48*hour, answer{remaining: "10", used: "120", resets: day(60)}, "120", "100", "0"},
		}},
		{"use that starts again while the balance stands still is no renewal", []step{
			{0, answer{remaining: "60", used: "40", period: true, resets: day(30)}, "0", "0", "0"},
			{monthLong + minute, answer{remaining: "60", used: "3", period: true}, "3", "3", "0"},
		}},
		{"a rise far from any renewal is a purchase", []step{
			{0, answer{remaining: "20", allocated: "100", period: true}, "0", "0", "0"},
			{hour, answer{remaining: "90", allocated: "100", period: true}, "0", "70", "0"},
		}},
		{"use over the account's life goes on over a renewal", []step{
			{0, answer{remaining: "30", used: "10000", period: true, resets: day(30)}, "0", "0", "0"},
			{monthLong + minute, answer{remaining: "96", used: "10004", period: true, resets: day(60)}, "4", "100", "30"},
		}},
		{"a plan lot renews, a bought lot does not", []step{
			{0, answer{remaining: "530", resets: day(30), lots: []part{{kind: "plan", left: "30", period: true}, {kind: "extra", left: "500"}}}, "0", "0", "0"},
			{monthLong + minute, answer{remaining: "598", resets: day(60), lots: []part{{kind: "plan", left: "100", period: true}, {kind: "extra", left: "498"}}}, "2", "100", "30"},
		}},
		{"a missing date neither shows nor hides a renewal", []step{
			{0, month(1, "60", "40"), "0", "0", "0"},
			{monthLong + minute, answer{remaining: "60", used: "40", allocated: "100", period: true}, "0", "0", "0"},
			{monthLong + hour, month(2, "98", "2"), "2", "100", "60"},
		}},
	}
}

func returnExamples() []example {
	held := func(remaining string) answer { return answer{remaining: remaining, returns: true} }
	return []example{
		{"what a vendor held and gave back within the hour is taken off later consumption", []step{
			{0, held("100"), "0", "0", "0"},
			{5 * minute, held("80"), "20", "0", "0"},
			{10 * minute, held("90"), "20", "0", "0"},
			{15 * minute, held("86"), "20", "0", "0"},
			{20 * minute, held("75"), "25", "0", "0"},
		}},
		{"a rise larger than what was just consumed is a grant, all of it", []step{
			{0, held("100"), "0", "0", "0"},
			{5 * minute, held("80"), "20", "0", "0"},
			{10 * minute, held("101"), "20", "21", "0"},
		}},
		{"a rise after more than an hour is a grant", []step{
			{0, held("100"), "0", "0", "0"},
			{5 * minute, held("80"), "20", "0", "0"},
			{66 * minute, held("90"), "20", "10", "0"},
		}},
		{"what was given back once is not given back again", []step{
			{0, held("100"), "0", "0", "0"},
			{5 * minute, held("80"), "20", "0", "0"},
			{10 * minute, held("95"), "20", "0", "0"},
			{15 * minute, held("105"), "20", "10", "0"},
		}},
		{"without returns a rise is a grant", []step{
			{0, answer{remaining: "100"}, "0", "0", "0"},
			{5 * minute, answer{remaining: "80"}, "20", "0", "0"},
			{10 * minute, answer{remaining: "90"}, "20", "10", "0"},
		}},
		{"stated use that falls with a return is given back with it", []step{
			{0, answer{remaining: "100", used: "0", returns: true}, "0", "0", "0"},
			{5 * minute, answer{remaining: "80", used: "20", returns: true}, "20", "0", "0"},
			{10 * minute, answer{remaining: "90", used: "10", returns: true}, "20", "0", "0"},
			{15 * minute, answer{remaining: "75", used: "25", returns: true}, "25", "0", "0"},
		}},
		{"stated use that rises leaves no doubt that a rise was a purchase", []step{
			{0, answer{remaining: "100", used: "0", returns: true}, "0", "0", "0"},
			{5 * minute, answer{remaining: "80", used: "20", returns: true}, "20", "0", "0"},
			{10 * minute, answer{remaining: "85", used: "25", returns: true}, "25", "10", "0"},
		}},
		{"what was spent under a clock that was ahead is given back within an hour of its correction, not later", []step{
			{0, held("100"), "0", "0", "0"},
			{240 * hour, held("80"), "20", "0", "0"},
			{10 * minute, held("80"), "20", "0", "0"},
			{30 * minute, held("85"), "20", "0", "0"},
			{2 * hour, held("90"), "20", "5", "0"},
		}},
		{"a hold on a lot comes back to it; a new lot is a grant", []step{
			{0, answer{returns: true, lots: []part{{id: "a", left: "20"}}}, "0", "0", "0"},
			{5 * minute, answer{returns: true, lots: []part{{id: "a", left: "0"}}}, "20", "0", "0"},
			{10 * minute, answer{returns: true, lots: []part{{id: "a", left: "5"}, {id: "b", left: "10"}}}, "20", "10", "0"},
		}},
		{"a restart forgets what was given back: it was another place", []step{
			{0, held("100"), "0", "0", "0"},
			{5 * minute, held("80"), "20", "0", "0"},
			{10 * minute, held("90"), "20", "0", "0"},
			{15 * minute, answer{remaining: "50", returns: true, restart: true}, "20", "0", "0"},
			{20 * minute, held("45"), "25", "0", "0"},
		}},
	}
}
