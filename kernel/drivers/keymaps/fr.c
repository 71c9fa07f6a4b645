/*
 * French (AZERTY). Digits are typed with Shift.
 */
#include "dev/input.h"
#include "drivers/keymap.h"

/* clang-format off */
static const struct keymap_key keys[] = {
	/* key               alone  Shift  AltGr */
	{KEY_GRAVE,          {u'²', u'~'}},
	{KEY_1,              {u'&', u'1'}},
	{KEY_2,              {u'é', u'2', u'~'}},
	{KEY_3,              {u'"', u'3', u'#'}},
	{KEY_4,              {u'\'', u'4', u'{'}},
	{KEY_5,              {u'(', u'5', u'['}},
	{KEY_6,              {u'-', u'6', u'|'}},
	{KEY_7,              {u'è', u'7', u'`'}},
	{KEY_8,              {u'_', u'8', u'\\'}},
	{KEY_9,              {u'ç', u'9', u'^'}},
	{KEY_0,              {u'à', u'0', u'@'}},
	{KEY_MINUS,          {u')', u'°', u']'}},
	{KEY_EQUAL,          {u'=', u'+', u'}'}},
	{KEY_Q,              {u'a', u'A'}},
	{KEY_W,              {u'z', u'Z'}},
	{KEY_E,              {u'e', u'E', u'€'}},
	{KEY_R,              {u'r', u'R'}},
	{KEY_T,              {u't', u'T'}},
	{KEY_Y,              {u'y', u'Y'}},
	{KEY_U,              {u'u', u'U'}},
	{KEY_I,              {u'i', u'I'}},
	{KEY_O,              {u'o', u'O'}},
	{KEY_P,              {u'p', u'P'}},
	{KEY_LEFT_BRACKET,   {DEAD_CIRCUMFLEX, DEAD_DIAERESIS}},
	{KEY_RIGHT_BRACKET,  {u'$', u'£', u'¤'}},
	{KEY_A,              {u'q', u'Q'}},
	{KEY_S,              {u's', u'S'}},
	{KEY_D,              {u'd', u'D'}},
	{KEY_F,              {u'f', u'F'}},
	{KEY_G,              {u'g', u'G'}},
	{KEY_H,              {u'h', u'H'}},
	{KEY_J,              {u'j', u'J'}},
	{KEY_K,              {u'k', u'K'}},
	{KEY_L,              {u'l', u'L'}},
	{KEY_SEMICOLON,      {u'm', u'M'}},
	{KEY_APOSTROPHE,     {u'ù', u'%'}},
	{KEY_BACKSLASH,      {u'*', u'µ'}},
	{KEY_BETWEEN,        {u'<', u'>'}},
	{KEY_Z,              {u'w', u'W'}},
	{KEY_X,              {u'x', u'X'}},
	{KEY_C,              {u'c', u'C'}},
	{KEY_V,              {u'v', u'V'}},
	{KEY_B,              {u'b', u'B'}},
	{KEY_N,              {u'n', u'N'}},
	{KEY_M,              {u',', u'?'}},
	{KEY_COMMA,          {u';', u'.'}},
	{KEY_DOT,            {u':', u'/'}},
	{KEY_SLASH,          {u'!', u'§'}},
	{KEY_SPACE,          {u' ', u' ', u' '}},
};
/* clang-format on */

KEYMAP(fr, "French", u'.');
