/* What a kernel's last run left in the black box. */
#ifndef STAGE2_POST_MORTEM_H
#define STAGE2_POST_MORTEM_H

/* Says how the last run ended, unless that was wanted. Before anything is put where the box is. */
void post_mortem_show(void);

#endif
