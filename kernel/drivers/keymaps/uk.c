/*
 * United Kingdom (BS 4822). It has no dead keys.
 */
#include "dev/input.h"
#include "drivers/keymap.h"

/* clang-format off */
static const struct keymap_key keys[] = {
	/* key               alone  Shift  AltGr */
	{KEY_GRAVE,          {u'`', u'¬', u'|'}},
	{KEY_1,              {u'1', u'!'}},
	{KEY_2,              {u'2', u'"'}},
	{KEY_3,              {u'3', u'£'}},
	{KEY_4,              {u'4', u'$', u'€'}},
	{KEY_5,              {u'5', u'%'}},
	{KEY_6,              {u'6', u'^'}},
	{KEY_7,              {u'7', u'&'}},
	{KEY_8,              {u'8', u'*'}},
	{KEY_9,              {u'9', u'('}},
	{KEY_0,              {u'0', u')'}},
	{KEY_MINUS,          {u'-', u'_'}},
	{KEY_EQUAL,          {u'=', u'+'}},
	{KEY_Q,              {u'q', u'Q'}},
	{KEY_W,              {u'w', u'W'}},
	{KEY_E,              {u'e', u'E'}},
	{KEY_R,              {u'r', u'R'}},
	{KEY_T,              {u't', u'T'}},
	{KEY_Y,              {u'y', u'Y'}},
	{KEY_U,              {u'u', u'U'}},
	{KEY_I,              {u'i', u'I'}},
	{KEY_O,              {u'o', u'O'}},
	{KEY_P,              {u'p', u'P'}},
	{KEY_LEFT_BRACKET,   {u'[', u'{'}},
	{KEY_RIGHT_BRACKET,  {u']', u'}'}},
	{KEY_A,              {u'a', u'A'}},
	{KEY_S,              {u's', u'S'}},
	{KEY_D,              {u'd', u'D'}},
	{KEY_F,              {u'f', u'F'}},
	{KEY_G,              {u'g', u'G'}},
	{KEY_H,              {u'h', u'H'}},
	{KEY_J,              {u'j', u'J'}},
	{KEY_K,              {u'k', u'K'}},
	{KEY_L,              {u'l', u'L'}},
	{KEY_SEMICOLON,      {u';', u':'}},
	{KEY_APOSTROPHE,     {u'\'', u'@'}},
	{KEY_BACKSLASH,      {u'#', u'~'}},
	{KEY_BETWEEN,        {u'\\', u'|'}},
	{KEY_Z,              {u'z', u'Z'}},
	{KEY_X,              {u'x', u'X'}},
	{KEY_C,              {u'c', u'C'}},
	{KEY_V,              {u'v', u'V'}},
	{KEY_B,              {u'b', u'B'}},
	{KEY_N,              {u'n', u'N'}},
	{KEY_M,              {u'm', u'M'}},
	{KEY_COMMA,          {u',', u'<'}},
	{KEY_DOT,            {u'.', u'>'}},
	{KEY_SLASH,          {u'/', u'?'}},
	{KEY_SPACE,          {u' ', u' ', u' '}},
};
/* clang-format on */

KEYMAP(uk, "United Kingdom", u'.');
