/* Everything in the kernel is internal to its one image: no symbol goes through a table (included before every file).
 */
#pragma GCC visibility push(hidden)
