/* SPDX-License-Identifier: BSD-2-Clause */
/* How long a way remembers an idle connection: found, bounded, told apart. */
#include <string.h>

#include "tests/sim/proof.h"
#include "tests/sim/situation.h"
#include "tests/tap.h"

static void test_found(int64_t forgets_ns, int64_t for_ns, bool resets)
{
	struct situation at = {
		.port = { .role = MODEL_ECHO },
		.hook = box_hook,
		.ask = { .play = KEEPALIVE_NO_PLAY,
			 .for_ns = for_ns,
			 .path = true },
		.leaves_open = true,
	};
	int64_t lived, died, forgets_ms = forgets_ns / TIME_MS;
	struct box box = { .forgets_ns = forgets_ns,
			   .resets = resets,
			   .ttl = 200 };
	struct finding f;

	at.hook_arg = &box;
	situation_run(&at, &f);
	lived = fact_number(&f, "lived_ms");
	died = fact_number(&f, "died_ms");
	expect_finding(&f, "answers",
		       resets ? "RST with ttl 200, the SYN-ACK's was 64"
			      : ": silence");
	CHECK_MSG(lived <= forgets_ms && died >= forgets_ms &&
			  (died - lived <= 1000 || died - lived <= lived / 10),
		  "%d ms: %s", (int)forgets_ms, f.summary);
	CHECK_TEXT(fact_words(&f, "how"), resets ? "rst" : "silence");
	CHECK(f.duration_ns <= for_ns);
	finding_fini(&f);
}

static void test_limits(void)
{
	static const struct {
		struct model_port port;
		struct box box;
		int64_t for_ns;
		const char *limit, *summary;
	} cases[] = {
		{ .for_ns = 60 * TIME_S,
		  .limit = "time",
		  .summary = "no timeout on the way within 53.0 s" },
		{ .port = { .patience_ns = 20 * TIME_S },
		  .for_ns = 100 * TIME_S,
		  .limit = "fin",
		  .summary = "the service itself closes it" },
		{ .port = { .patience_ns = 20 * TIME_S, .abortive = true },
		  .for_ns = 100 * TIME_S,
		  .limit = "rst",
		  .summary = "the target itself resets it" },
		{ .port = { KEEPALIVE(10, 1, 3) },
		  .box = { .forgets_ns = 30 * TIME_S },
		  .for_ns = 100 * TIME_S,
		  .limit = "keepalive",
		  .summary = "the target's keepalive refreshes what the way "
			     "remembers" },
		{ .port = { .role = MODEL_BANNER, .after_ns = 15 * TIME_S },
		  .for_ns = 100 * TIME_S,
		  .limit = "data",
		  .summary = "the service speaks by itself, which refreshes" },
		{ .box = { .forgets_ns = 30 * TIME_S },
		  .for_ns = 45 * TIME_S,
		  .summary = "(a longer --for tells more exactly)" },
		{ .for_ns = 5 * TIME_S, .summary = "the time is too short" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct box box = cases[i].box;
		struct situation at = {
			.port = cases[i].port,
			.hook = box_hook,
			.hook_arg = &box,
			.ask = { .play = KEEPALIVE_NO_PLAY,
				 .for_ns = cases[i].for_ns,
				 .path = true },
			.leaves_open = box.forgets_ns,
		};
		struct finding f;

		if (!at.port.role)
			at.port.role = MODEL_HOLD;
		situation_run(&at, &f);
		expect_finding(&f, "answers", cases[i].summary);
		CHECK_TEXT(fact_words(&f, "limit"),
			   cases[i].limit ? cases[i].limit : "");
		finding_fini(&f);
	}
}

/* A way that loses packets is not one that forgets. */
static void test_in_weather(void)
{
	unsigned wrong = 0, undecided = 0, seeds = proof_seeds(300);

	for (uint64_t seed = 1; seed <= seeds; seed++) {
		struct box box = { .forgets_ns = 47 * TIME_S };
		struct situation at = {
			.scene.sim = { .seed = seed,
				       .weather = { proof_weather,
						    proof_weather } },
			.port = { .role = MODEL_ECHO },
			.hook = box_hook,
			.hook_arg = &box,
			.ask = { .play = KEEPALIVE_NO_PLAY,
				 .for_ns = 200 * TIME_S,
				 .path = true },
			.leaves_open = true,
		};
		struct finding f;
		int64_t lived, died;

		situation_run(&at, &f);
		lived = fact_number(&f, "lived_ms");
		died = fact_number(&f, "died_ms");
		undecided += died < 0;
		/* What is on its way keeps the memory fresh a little longer. */
		if (died >= 0 && (lived > 47000 || died < 47000 - 150)) {
			wrong++;
			tap_note("seed %u: %s", (unsigned)seed, f.summary);
		}
		finding_fini(&f);
	}
	CHECK_MSG(wrong == 0, "%u of %u timeouts of a path are wrong", wrong,
		  seeds);
	CHECK_MSG(undecided * 50 <= seeds, "%u of %u were not found", undecided,
		  seeds);
}

int main(void)
{
	test_found(6 * TIME_S, 60 * TIME_S, false);
	test_found(300 * TIME_S, 1800 * TIME_S, false);
	test_found(300 * TIME_S, 1800 * TIME_S, true);
	test_found(3600 * TIME_S, 25200 * TIME_S, true);
	test_limits();
	test_in_weather();
	return tap_done();
}
