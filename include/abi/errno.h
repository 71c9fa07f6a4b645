/*
 * Error numbers, with Linux's values (man page errno(3), asm-generic/errno-base.h): functions of the kernel return them
 * negated, and programs will see the same.
 */
#ifndef ABI_ERRNO_H
#define ABI_ERRNO_H

#define EPERM     1
#define ENOENT    2
#define EINTR     4
#define EIO       5
#define ENXIO     6
#define ENOEXEC   8
#define EAGAIN    11
#define ENOMEM    12
#define EFAULT    14
#define EBUSY     16
#define EEXIST    17
#define ENODEV    19
#define EINVAL    22
#define ENOSPC    28
#define ERANGE    34
#define EOVERFLOW 75
#define ENOTSUP   95
#define ETIMEDOUT 110
#define ECANCELED 125

#endif
