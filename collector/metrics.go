package collector

import dto "github.com/prometheus/client_model/go"

// family is the index of a metric in the closed set.
type family int

// The metrics of accounts, in the order in which they are exposed.
const (
	remaining family = iota
	remainingCumulative
	allocated
	expiry
	pending
	balance
	unlimited
	reset
	period
	usageAllowed
	planInfo
	planAllocated
	asOf
	threshold
	runwayThreshold
	unitPrice
	accountInfo
	consumed
	granted
	expired
	up
	pollFailing
	pollInterval
	lastPoll
	lastSuccess
	nextPoll
	retryAfter
	polls
	pollFailures
	families // how many there are
)

// definition is a metric as it is exposed.
type definition struct {
	name   string
	help   string
	kind   dto.MetricType
	labels []string // beyond provider and account
}

// cached ends the help of every figure that a vendor said: a scrape asks nobody.
const cached = " Cached: as of the account's latest successful poll, see credits_last_success_timestamp_seconds."

// definitions are all metrics that the accounts can have. Vendors cannot add to them.
func definitions() [families]definition {
	lot := []string{"unit", "lot", "kind"}
	unit := []string{"unit"}
	gauge, counter := dto.MetricType_GAUGE, dto.MetricType_COUNTER
	return [families]definition{
		remaining: {"credits_remaining", "Units the vendor lists as left in one lot, 0 from the lot's expiry on. " +
			"A vendor without lots has one, lot=\"default\"." + cached, gauge, lot},
		remainingCumulative: {"credits_remaining_cumulative", "Units left in this lot and in all lots of its unit that expire before it or with it; " +
			"only where the vendor states lots." + cached, gauge, lot},
		allocated: {"credits_allocated", "Units the lot began with; absent when the vendor does not say." + cached, gauge, lot},
		expiry: {"credits_expiry_timestamp_seconds", "Unix time at which the lot expires; absent when it does not, or the vendor does not say." +
			cached, gauge, lot},
		pending: {"credits_pending", "Units of a lot that has not started yet." + cached, gauge, lot},
		balance: {"credits_balance", "Spendable units in all, as the vendor states it; the sum of the lots where it states only lots." +
			cached, gauge, unit},
		unlimited: {"credits_unlimited", "1 where the vendor says that there is no limit; there is no balance then." + cached, gauge, unit},
		reset: {"credits_reset_timestamp_seconds", "Unix time at which a periodic allowance renews; absent when unknown." +
			cached, gauge, unit},
		period:       {"credits_period_seconds", "Length of the allowance's period; absent when unknown." + cached, gauge, unit},
		usageAllowed: {"credits_usage_allowed", "1 or 0 as the vendor says whether credits may be spent, 0 after payment_required; absent when it does not say." + cached, gauge, nil},
		planInfo:     {"credits_plan_info", "The active plan, value 1." + cached, gauge, []string{"plan", "plan_id"}},
		planAllocated: {"credits_plan_allocated", "Units the plan includes per period; absent when the vendor does not say." +
			cached, gauge, unit},
		asOf:            {"credits_as_of_timestamp_seconds", "Unix time at which the vendor says that its figures were true; absent when it does not say." + cached, gauge, nil},
		threshold:       {"credits_threshold", "The account's configured threshold in units.", gauge, []string{"unit", "severity"}},
		runwayThreshold: {"credits_runway_threshold_seconds", "The account's configured threshold for the time left at the present pace.", gauge, []string{"severity"}},
		unitPrice:       {"credits_unit_price", "The configured price of one unit.", gauge, []string{"unit", "currency"}},
		accountInfo:     {"credits_account_info", "The account's wallet and configured labels, value 1, for joins.", gauge, []string{"wallet"}},
		consumed: {
			"credits_consumed_total", "Units spent, from one successful poll to the next. It survives restarts and shows only what is in storage.",
			counter, unit,
		},
		granted: {
			"credits_granted_total", "Units added: top-ups, renewals, refunds. It survives restarts and shows only what is in storage.",
			counter, unit,
		},
		expired: {
			"credits_expired_total", "Units lost because their lot or period ended unspent. It survives restarts and shows only what is in storage.",
			counter, unit,
		},
		up:           {"credits_up", "1 if the account's latest poll succeeded, else 0; absent before the first.", gauge, nil},
		pollFailing:  {"credits_poll_failing", "1 while the account's latest poll failed, for this reason.", gauge, []string{"reason"}},
		pollInterval: {"credits_poll_interval_seconds", "How often the account is polled.", gauge, nil},
		lastPoll:     {"credits_last_poll_timestamp_seconds", "Unix time of the account's latest poll.", gauge, nil},
		lastSuccess: {
			"credits_last_success_timestamp_seconds", "Unix time of the account's latest successful poll: the age of all that the vendor said.",
			gauge, nil,
		},
		nextPoll: {"credits_next_poll_timestamp_seconds", "Unix time at which the account is due for its next poll.", gauge, nil},
		retryAfter: {
			"credits_retry_after_timestamp_seconds", "Unix time at which the vendor's retry window ends; present only while one is open.",
			gauge, nil,
		},
		polls: {"credits_polls_total", "Polls made, failed ones included. It survives restarts and shows only what is in storage.", counter, nil},
		pollFailures: {
			"credits_poll_failures_total", "Polls of the provider's accounts that failed, by reason. It survives restarts and shows only what is in storage.",
			counter,
			[]string{"reason"},
		},
	}
}

// The metrics of the process itself.
const (
	pollDurationName = "credits_poll_duration_seconds"
	pollDurationHelp = "How long polls of the provider took, requests and reading of the answers."

	accountsName = "credits_exporter_accounts"
	accountsHelp = "Accounts that are configured and enabled."

	inFlightName = "credits_exporter_polls_in_flight"
	inFlightHelp = "Polls that are under way."

	storageHealthyName = "credits_exporter_storage_healthy"
	storageHealthyHelp = "1 if the latest write to the storage succeeded; while it is 0, counters stand still."

	storageWriteName = "credits_exporter_storage_last_write_timestamp_seconds"
	storageWriteHelp = "Unix time of the latest successful write to the storage; absent before the first."

	storageRecoveredName = "credits_exporter_storage_recovered_total"
	storageRecoveredHelp = "Damaged storage files that were set aside at the start of this process."

	reloadOKName = "credits_exporter_config_last_reload_successful"
	reloadOKHelp = "1 if the latest load of the configuration succeeded."

	reloadTimeName = "credits_exporter_config_last_reload_success_timestamp_seconds"
	reloadTimeHelp = "Unix time of the latest successful load of the configuration."

	shardOrdinalName = "credits_exporter_shard_ordinal"
	shardOrdinalHelp = "Which shard of the accounts this process takes, from 0; absent without --shard."

	totalShardsName = "credits_exporter_total_shards"
	totalShardsHelp = "How many shards the accounts are divided into; absent without --shard."
)
