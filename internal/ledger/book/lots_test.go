package book_test

import "time"

func lotExamples() []example {
	twins := func(first, second string) []part {
		return []part{{kind: "top-up", left: first, expires: day(9)}, {kind: "top-up", left: second, expires: day(9)}}
	}
	return []example{
		{"a lot that fell is consumption, one that rose or is new is a grant", []step{
			{0, answer{remaining: "150", lots: []part{{id: "a", left: "100"}, {id: "b", left: "50"}}}, "0", "0", "0"},
			{hour, answer{remaining: "150", lots: []part{{id: "a", left: "80"}, {id: "b", left: "70"}}}, "20", "20", "0"},
			{2 * hour, answer{remaining: "245", lots: []part{{id: "a", left: "75"}, {id: "b", left: "70"}, {id: "c", left: "100"}}}, "25", "120", "0"},
		}},
		{"the order of the answer does not matter", []step{
			{0, answer{remaining: "150", lots: []part{{id: "a", left: "100"}, {id: "b", left: "50"}}}, "0", "0", "0"},
			{hour, answer{remaining: "140", lots: []part{{id: "b", left: "50"}, {id: "a", left: "90"}}}, "10", "0", "0"},
		}},
		{"a lot whose expiry lies between the polls lost what was left", []step{
			{0, answer{remaining: "150", lots: []part{{id: "a", left: "50", expires: day(1)}, {id: "b", left: "100"}}}, "0", "0", "0"},
			{23 * hour, answer{remaining: "130", lots: []part{{id: "a", left: "30", expires: day(1)}, {id: "b", left: "100"}}}, "20", "0", "0"},
			{25 * hour, answer{remaining: "95", lots: []part{{id: "b", left: "95"}}}, "25", "0", "30"},
		}},
		{"a lot that is listed after its expiry lost what the vendor says was left", []step{
			{0, answer{remaining: "150", lots: []part{{id: "a", left: "50", expires: day(1)}, {id: "b", left: "100"}}}, "0", "0", "0"},
			{25 * hour, answer{remaining: "100", lots: []part{{id: "a", left: "30", expires: day(1)}, {id: "b", left: "100"}}}, "20", "0", "30"},
			{26 * hour, answer{remaining: "90", lots: []part{{id: "b", left: "90"}}}, "30", "0", "30"},
		}},
		{"an expiry that the balance shows later is booked then", []step{
			{0, answer{remaining: "150", lots: []part{{id: "a", left: "50", expires: day(1)}, {id: "b", left: "100"}}}, "0", "0", "0"},
			{25 * hour, answer{remaining: "150", lots: []part{{id: "a", left: "50", expires: day(1)}, {id: "b", left: "100"}}}, "0", "0", "0"},
			{26 * hour, answer{remaining: "145", lots: []part{{id: "a", left: "50", expires: day(1)}, {id: "b", left: "95"}}}, "5", "0", "0"},
			{27 * hour, answer{remaining: "95", lots: []part{{id: "b", left: "95"}}}, "5", "0", "50"},
		}},
		{"what the balance never had is not lost with its lot", []step{
			{0, answer{remaining: "100", lots: []part{{id: "a", left: "50", expires: day(1)}, {id: "b", left: "100"}}}, "0", "0", "0"},
			{25 * hour, answer{remaining: "100", lots: []part{{id: "b", left: "100"}}}, "0", "0", "0"},
		}},
		{"a lot that is in debt loses nothing", []step{
			{0, answer{lots: []part{{id: "a", left: "-10", expires: day(1)}, {id: "b", left: "100"}}}, "0", "0", "0"},
			{25 * hour, answer{lots: []part{{id: "b", left: "100"}}}, "0", "10", "0"},
		}},
		{"what was expired at first sight is not booked", []step{
			{0, answer{remaining: "100", lots: []part{{id: "a", left: "50", expires: day(-1)}, {id: "b", left: "100"}}}, "0", "0", "0"},
			{hour, answer{remaining: "100", lots: []part{{id: "b", left: "100"}}}, "0", "0", "0"},
			{2 * hour, answer{remaining: "100", lots: []part{{id: "c", left: "70", expires: day(-1)}, {id: "b", left: "100"}}}, "0", "0", "0"},
		}},
		{"a lot that vanishes or appears while the balance stands still books nothing", []step{
			{0, answer{remaining: "150", lots: []part{{id: "a", left: "50"}, {id: "b", left: "100"}}}, "0", "0", "0"},
			{hour, answer{remaining: "150", lots: []part{{id: "b", left: "100"}}}, "0", "0", "0"},
			{2 * hour, answer{remaining: "150", listed: true}, "0", "0", "0"},
			{3 * hour, answer{remaining: "150", lots: []part{{id: "c", left: "50"}, {id: "b", left: "100"}}}, "0", "0", "0"},
		}},
		{"a lot that vanishes with the balance was used up", []step{
			{0, answer{remaining: "110", lots: []part{{id: "a", left: "10"}, {id: "b", left: "100"}}}, "0", "0", "0"},
			{hour, answer{remaining: "600", lots: []part{{id: "b", left: "100"}, {id: "c", left: "500"}}}, "10", "500", "0"},
		}},
		{"what is spent while the lots are missing is booked once", []step{
			{0, answer{remaining: "150", lots: []part{{id: "a", left: "50", expires: day(1)}, {id: "b", left: "100"}}}, "0", "0", "0"},
			{hour, answer{remaining: "140", listed: true}, "10", "0", "0"},
			{2 * hour, answer{remaining: "135", lots: []part{{id: "a", left: "40", expires: day(1)}, {id: "b", left: "95"}}}, "15", "0", "0"},
		}},
		{"what is bought while the lots are missing is booked once", []step{
			{0, answer{remaining: "50", lots: []part{{id: "a", left: "50"}}}, "0", "0", "0"},
			{hour, answer{remaining: "80", listed: true}, "0", "30", "0"},
			{2 * hour, answer{remaining: "100", lots: []part{{id: "a", left: "50"}, {id: "b", left: "30"}, {id: "c", left: "20"}}}, "0", "50", "0"},
		}},
		{"a lot that was missing from the last answer is lost at its expiry all the same", []step{
			{0, answer{remaining: "150", lots: []part{{id: "a", left: "50", expires: day(1)}, {id: "b", left: "100"}}}, "0", "0", "0"},
			{hour, answer{remaining: "150", listed: true}, "0", "0", "0"},
			{25 * hour, answer{remaining: "100", lots: []part{{id: "b", left: "100"}}}, "0", "0", "50"},
		}},
		{"lots that are all there is: the balance is the sum of those that can be spent", []step{
			{0, answer{lots: []part{{id: "a", left: "50", expires: day(1)}, {id: "b", left: "100"}, {id: "c", left: "70", starts: day(2)}}}, "0", "0", "0"},
			{25 * hour, answer{lots: []part{{id: "a", left: "50", expires: day(1)}, {id: "b", left: "90"}, {id: "c", left: "70", starts: day(2)}}}, "10", "0", "50"},
			{49 * hour, answer{lots: []part{{id: "b", left: "90"}, {id: "c", left: "70", starts: day(2)}}}, "10", "70", "50"},
			{50 * hour, answer{listed: true}, "170", "70", "50"},
		}},
		{"twins are one lot, whichever way it is divided", []step{
			{0, answer{lots: twins("30", "20")}, "0", "0", "0"},
			{hour, answer{lots: twins("0", "45")}, "5", "0", "0"},
			{2 * hour, answer{lots: []part{{kind: "top-up", left: "45", expires: day(9)}}}, "5", "0", "0"},
			{10 * 24 * hour, answer{listed: true}, "5", "0", "45"},
		}},
		{"the same kind and allocated with a later expiry is the same lot, extended", []step{
			{0, answer{lots: []part{{kind: "top-up", left: "40", allocated: "100", expires: day(2)}}}, "0", "0", "0"},
			{hour, answer{lots: []part{{kind: "top-up", left: "35", allocated: "100", expires: day(9)}}}, "5", "0", "0"},
			{3 * 24 * hour, answer{lots: []part{{kind: "top-up", left: "30", allocated: "100", expires: day(9)}}}, "10", "0", "0"},
			{10 * 24 * hour, answer{listed: true}, "10", "0", "30"},
		}},
		{"also when the old expiry lies between the polls", []step{
			{0, answer{remaining: "40", lots: []part{{kind: "top-up", left: "40", allocated: "100", expires: day(2)}}}, "0", "0", "0"},
			{3 * 24 * hour, answer{remaining: "35", lots: []part{{kind: "top-up", left: "35", allocated: "100", expires: day(9)}}}, "5", "0", "0"},
		}},
		{"a lot with an id is the same lot with any expiry, topped up or not", []step{
			{0, answer{lots: []part{{id: "a", left: "40", expires: day(2)}}}, "0", "0", "0"},
			{hour, answer{lots: []part{{id: "a", left: "540", expires: day(9)}}}, "0", "500", "0"},
		}},
		{"a subscription whose next period is listed in place of the last was lost and granted", []step{
			{0, answer{remaining: "1200", lots: []part{{kind: "subscription", left: "1200", allocated: "5000", expires: day(2)}}}, "0", "0", "0"},
			{3 * 24 * hour, answer{remaining: "5000", lots: []part{{kind: "subscription", left: "5000", allocated: "5000", expires: day(32)}}}, "0", "5000", "1200"},
			{33 * 24 * hour, answer{remaining: "5000", lots: []part{{kind: "subscription", left: "5000", allocated: "5000", expires: day(62)}}}, "0", "10000", "6200"},
		}},
		{"a package of the same size bought when the last was used up is a new lot", []step{
			{0, answer{remaining: "20", lots: []part{{kind: "top-up", left: "20", allocated: "500", expires: day(20)}}}, "0", "0", "0"},
			{hour, answer{remaining: "500", lots: []part{{kind: "top-up", left: "500", allocated: "500", expires: day(50)}}}, "20", "500", "0"},
		}},
		{"an extension after the loss is a grant", []step{
			{0, answer{lots: []part{{id: "a", left: "40", expires: day(1)}}}, "0", "0", "0"},
			{25 * hour, answer{lots: []part{{id: "a", left: "40", expires: day(1)}}}, "0", "0", "40"},
			{26 * hour, answer{lots: []part{{id: "a", left: "40", expires: day(9)}}}, "0", "40", "40"},
		}},
		{"a lot that states its own use was topped up by what it rose besides", []step{
			{0, answer{remaining: "50", lots: []part{{id: "a", left: "50", used: "50"}}}, "0", "0", "0"},
			{hour, answer{remaining: "80", lots: []part{{id: "a", left: "80", used: "70"}}}, "20", "50", "0"},
			{2 * hour, answer{remaining: "170", lots: []part{{id: "a", left: "80", used: "70"}, {id: "b", left: "90", used: "10"}}}, "20", "140", "0"},
		}},
		{"what no lot explains is consumption or a grant", []step{
			{0, answer{remaining: "150", lots: []part{{id: "a", left: "100"}}}, "0", "0", "0"},
			{hour, answer{remaining: "130", lots: []part{{id: "a", left: "90"}}}, "20", "0", "0"},
			{2 * hour, answer{remaining: "160", lots: []part{{id: "a", left: "90"}}}, "20", "30", "0"},
		}},
		{"lots that run ahead of the balance wait for it", []step{
			{0, answer{remaining: "100", lots: []part{{id: "a", left: "100"}}}, "0", "0", "0"},
			{hour, answer{remaining: "100", lots: []part{{id: "a", left: "80"}}}, "0", "0", "0"},
			{2 * hour, answer{remaining: "80", lots: []part{{id: "a", left: "80"}}}, "20", "0", "0"},
		}},
		{"also when they rose", []step{
			{0, answer{remaining: "100", lots: []part{{id: "a", left: "100"}}}, "0", "0", "0"},
			{hour, answer{remaining: "100", lots: []part{{id: "a", left: "120"}}}, "0", "0", "0"},
			{2 * hour, answer{remaining: "120", lots: []part{{id: "a", left: "120"}}}, "0", "20", "0"},
		}},
		{"lots that are merged or split book nothing", []step{
			{0, answer{lots: []part{{id: "a", left: "30"}, {id: "b", left: "20"}}}, "0", "0", "0"},
			{hour, answer{lots: []part{{id: "b", left: "50"}}}, "0", "0", "0"},
			{2 * hour, answer{lots: []part{{id: "b", left: "10"}, {id: "c", left: "40"}}}, "0", "0", "0"},
			{3 * hour, answer{lots: []part{{id: "d", left: "50"}}}, "0", "0", "0"},
		}},
		{"ids that are made anew for each answer do not matter", []step{
			{0, answer{remaining: "50", lots: []part{{id: "x1", kind: "gift", left: "30", expires: day(2)}, {id: "x2", kind: "gift", left: "20"}}}, "0", "0", "0"},
			{hour, answer{remaining: "45", lots: []part{{id: "x4", kind: "gift", left: "20"}, {id: "x3", kind: "gift", left: "25", expires: day(2)}}}, "5", "0", "0"},
		}},
		{"with stated use, a lot that is used up is forgotten, and nothing is lost at its expiry", []step{
			{0, answer{remaining: "120", used: "0", lots: []part{{id: "a", left: "20", expires: day(1)}, {id: "b", left: "100"}}}, "0", "0", "0"},
			{hour, answer{remaining: "100", used: "20", lots: []part{{id: "b", left: "100"}}}, "20", "0", "0"},
			{25 * hour, answer{remaining: "90", used: "20", lots: []part{{id: "b", left: "90"}}}, "30", "0", "0"},
		}},
		{"a lot that was missing and comes back extended is the same lot, whatever was guessed of it", []step{
			{0, answer{remaining: "150", lots: []part{{id: "a", left: "50", allocated: "99", expires: day(1)}, {id: "b", left: "100"}}}, "0", "0", "0"},
			{hour, answer{remaining: "140", listed: true}, "10", "0", "0"},
			{25 * hour, answer{remaining: "135", lots: []part{{id: "a", left: "50", allocated: "99", expires: day(9)}, {id: "b", left: "85"}}}, "15", "0", "0"},
		}},
		{"a balance that is one lot expires too", []step{
			{0, answer{remaining: "40", lots: []part{{id: "default", kind: "default", left: "40", expires: day(1)}}}, "0", "0", "0"},
			{25 * hour, answer{remaining: "0", lots: []part{{id: "default", kind: "default", left: "0", expires: day(1)}}}, "0", "0", "40"},
		}},
	}
}

func clockExamples() []example {
	lots := func(a, b string) []part {
		return []part{{id: "a", left: a, expires: day(1)}, {id: "b", left: b, starts: day(-1)}}
	}
	return []example{
		{"an expiry is booked once, also when the clock is set back over it", []step{
			{23 * hour, answer{lots: lots("50", "100")}, "0", "0", "0"},
			{24*hour + minute, answer{lots: lots("50", "100")}, "0", "0", "50"},
			{24*hour - minute, answer{lots: lots("50", "95")}, "5", "0", "50"},
			{24*hour + minute, answer{lots: lots("50", "95")}, "5", "0", "50"},
			{25 * hour, answer{lots: []part{{id: "b", left: "95", starts: day(-1)}}}, "5", "0", "50"},
		}},
		{"a clock that was a year ahead hides no spending once it is right", []step{
			{0, answer{lots: lots("50", "100")}, "0", "0", "0"},
			{365 * 24 * hour, answer{lots: lots("50", "100")}, "0", "0", "50"},
			{10 * minute, answer{lots: lots("30", "100")}, "20", "0", "50"},
			{25 * hour, answer{lots: []part{{id: "b", left: "100", starts: day(-1)}}}, "20", "0", "50"},
			{26 * hour, answer{lots: []part{{id: "b", left: "90", starts: day(-1)}}}, "30", "0", "50"},
		}},
		{"with a balance of the vendor's own, a wrong clock books nothing at all", []step{
			{0, answer{remaining: "150", lots: lots("50", "100")}, "0", "0", "0"},
			{365 * 24 * hour, answer{remaining: "150", lots: lots("50", "100")}, "0", "0", "0"},
			{10 * minute, answer{remaining: "150", lots: lots("50", "100")}, "0", "0", "0"},
			{25 * hour, answer{remaining: "100", lots: []part{{id: "b", left: "100", starts: day(-1)}}}, "0", "0", "50"},
		}},
		{"what a wrong clock took for lost is not spent when the clock is right again", []step{
			{0, answer{remaining: "150", lots: lots("50", "100")}, "0", "0", "0"},
			{365 * 24 * hour, answer{remaining: "140", lots: lots("50", "100")}, "0", "0", "10"},
			{10 * minute, answer{remaining: "140", lots: lots("50", "100")}, "0", "0", "10"},
			{20 * minute, answer{remaining: "140", lots: lots("40", "100")}, "0", "0", "10"},
		}},
		{"a lot that has started does not go back when the clock does", []step{
			{0, answer{lots: lots("50", "100")}, "0", "0", "0"},
			{-2 * 24 * hour, answer{lots: lots("50", "100")}, "0", "0", "0"},
			{minute, answer{lots: lots("45", "100")}, "5", "0", "0"},
		}},
		{"a lot that is gone seconds before its expiry by our clock has expired by the vendor's", []step{
			{0, answer{remaining: "150", lots: lots("50", "100")}, "0", "0", "0"},
			{24*hour - 10*time.Second, answer{remaining: "100", lots: []part{{id: "b", left: "100", starts: day(-1)}}}, "0", "0", "50"},
		}},
	}
}
