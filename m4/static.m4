# SPDX-License-Identifier: BSD-2-Clause
# A program with all its libraries inside.

# TP_STATIC_FLAGS
# STATIC_LDFLAGS: loaded at a random address like any other program where the
# compiler and the C library can do that, otherwise at a fixed one.
AC_DEFUN([TP_STATIC_FLAGS], [
	TP_LINKER_FLAGS([STATIC_LDFLAGS], [-static-pie])
	AS_IF([test -z "$STATIC_LDFLAGS"],
		[TP_LINKER_FLAGS([STATIC_LDFLAGS], [-static])])
	AS_IF([test -z "$STATIC_LDFLAGS"],
		[AC_MSG_ERROR([--enable-static-binary: $CC links no static program: is there a libc.a?])])
	AC_CHECK_FUNC([__nss_configure_lookup],
		[AC_DEFINE([TP_NAMES_BUILT_IN], [1],
			[1 to look names up in files and by DNS alone])])
])

# TP_STATIC_LIBRARY(VARIABLE, FUNCTION, [IF-NOT], [DEFINITIONS])
# Can FUNCTION be linked statically with VARIABLE_LIBS, the C library and the
# DEFINITIONS alone? If not, it is gathered for TP_STATIC_LIBRARIES_DONE,
# unless IF-NOT knows better.
AC_DEFUN([TP_STATIC_LIBRARY], [
	tp_saved_LDFLAGS=$LDFLAGS
	tp_saved_LIBS=$LIBS
	LDFLAGS="$LDFLAGS $STATIC_LDFLAGS"
	LIBS="$$1_LIBS $LIBS"
	AC_MSG_CHECKING([whether $$1_LIBS can be static]m4_ifval([$4],
		[[, with a stand-in]]))
	tp_found=no
	AC_LINK_IFELSE([AC_LANG_CALL([$4], [$2])], [tp_found=yes])
	AC_MSG_RESULT([$tp_found])
	LDFLAGS=$tp_saved_LDFLAGS
	LIBS=$tp_saved_LIBS
	AS_IF([test $tp_found = no], [m4_default([$3],
		[AS_VAR_APPEND([tp_missing], ["
  $1_LIBS=$$1_LIBS"])])])
])

AC_DEFUN([TP_STATIC_LIBRARIES_DONE], [
	AS_IF([test -n "$tp_missing"],
		[AC_MSG_ERROR([--enable-static-binary: there is no archive (.a) for these, or it needs other libraries, which then have to be named in the same variable:
$tp_missing
])])
])
