/* devices/firmware/libc/plain_loops.h - keeps a compiler from finding memcpy inside memcpy
 *
 * Both compilers replace a loop that copies or fills by a call of the function that does so. In that function itself
 * the call would never end. Included first by each file that has such loops; RK_PLAIN stands before each of its
 * functions.
 */
#ifndef DEVICES_FIRMWARE_LIBC_PLAIN_LOOPS_H
#define DEVICES_FIRMWARE_LIBC_PLAIN_LOOPS_H

#ifdef __clang__
#define RK_PLAIN __attribute__((no_builtin))
#else
#define RK_PLAIN
#pragma GCC optimize("no-tree-loop-distribute-patterns")
#endif

#endif
