/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Only in a static program: in place of libpcap's capture of D-Bus messages.
 *
 * Debian builds libpcap with it, so that libpcap.a wants libdbus, which wants
 * libsystemd, which Debian has no archive of. These are the two functions by
 * which libpcap calls that part of itself. The linker takes them instead, and
 * leaves the part where it is: there are no such devices, and no device is one.
 */
#include <stdbool.h>
#include <stddef.h>

struct pcap;
struct pcap_if_list;

/* libpcap's own names; its header that declares them is not installed. */
int dbus_findalldevs(struct pcap_if_list *list, char *why);
struct pcap *dbus_create(const char *device, char *why, int *is_ours);

int dbus_findalldevs(struct pcap_if_list *list, char *why)
{
	(void)list;
	*why = '\0';
	return 0;
}

struct pcap *dbus_create(const char *device, char *why, int *is_ours)
{
	(void)device;
	*why = '\0';
	*is_ours = false;
	return NULL;
}
