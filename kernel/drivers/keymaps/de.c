/*
 * German (DIN 2137, T1).
 */
#include "dev/input.h"
#include "drivers/keymap.h"

/* clang-format off */
static const struct keymap_key keys[] = {
	/* key               alone  Shift  AltGr */
	{KEY_GRAVE,          {DEAD_CIRCUMFLEX, u'°'}},
	{KEY_1,              {u'1', u'!'}},
	{KEY_2,              {u'2', u'"', u'²'}},
	{KEY_3,              {u'3', u'§', u'³'}},
	{KEY_4,              {u'4', u'$'}},
	{KEY_5,              {u'5', u'%'}},
	{KEY_6,              {u'6', u'&'}},
	{KEY_7,              {u'7', u'/', u'{'}},
	{KEY_8,              {u'8', u'(', u'['}},
	{KEY_9,              {u'9', u')', u']'}},
	{KEY_0,              {u'0', u'=', u'}'}},
	{KEY_MINUS,          {u'ß', u'?', u'\\'}},
	{KEY_EQUAL,          {DEAD_ACUTE, DEAD_GRAVE}},
	{KEY_Q,              {u'q', u'Q', u'@'}},
	{KEY_W,              {u'w', u'W'}},
	{KEY_E,              {u'e', u'E', u'€'}},
	{KEY_R,              {u'r', u'R'}},
	{KEY_T,              {u't', u'T'}},
	{KEY_Y,              {u'z', u'Z'}},
	{KEY_U,              {u'u', u'U'}},
	{KEY_I,              {u'i', u'I'}},
	{KEY_O,              {u'o', u'O'}},
	{KEY_P,              {u'p', u'P'}},
	{KEY_LEFT_BRACKET,   {u'ü', u'Ü'}},
	{KEY_RIGHT_BRACKET,  {u'+', u'*', u'~'}},
	{KEY_A,              {u'a', u'A'}},
	{KEY_S,              {u's', u'S'}},
	{KEY_D,              {u'd', u'D'}},
	{KEY_F,              {u'f', u'F'}},
	{KEY_G,              {u'g', u'G'}},
	{KEY_H,              {u'h', u'H'}},
	{KEY_J,              {u'j', u'J'}},
	{KEY_K,              {u'k', u'K'}},
	{KEY_L,              {u'l', u'L'}},
	{KEY_SEMICOLON,      {u'ö', u'Ö'}},
	{KEY_APOSTROPHE,     {u'ä', u'Ä'}},
	{KEY_BACKSLASH,      {u'#', u'\''}},
	{KEY_BETWEEN,        {u'<', u'>', u'|'}},
	{KEY_Z,              {u'y', u'Y'}},
	{KEY_X,              {u'x', u'X'}},
	{KEY_C,              {u'c', u'C'}},
	{KEY_V,              {u'v', u'V'}},
	{KEY_B,              {u'b', u'B'}},
	{KEY_N,              {u'n', u'N'}},
	{KEY_M,              {u'm', u'M', u'µ'}},
	{KEY_COMMA,          {u',', u';'}},
	{KEY_DOT,            {u'.', u':'}},
	{KEY_SLASH,          {u'-', u'_'}},
	{KEY_SPACE,          {u' ', u' ', u' '}},
};
/* clang-format on */

KEYMAP(de, "German", u',');
