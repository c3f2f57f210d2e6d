/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as a captured frame: what is found in it lies within it. */
#include "io/framing.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	for (int framing = 0; framing < FRAMING_N; framing++) {
		size_t n = 0;
		const uint8_t *datagram =
			framing_strip((enum framing)framing, bytes, len, &n);

		BUG_ON(datagram && (datagram < bytes ||
				    n > len - (size_t)(datagram - bytes)));
	}
	return 0;
}
