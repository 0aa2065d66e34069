/* footprint: the memory that a process keeps to itself. */
#ifndef BASE_FOOTPRINT_H
#define BASE_FOOTPRINT_H

/* In two seconds, when the helpers of the start have gone, gives back what only it has needed: free
 * memory of the heap, the stack below the loop, and the pages of the program file that nobody
 * writes, which come back from the kernel's cache of files when they are used again. Breakpoints
 * that a debugger or a probe has put into them are lost. madvise(2), MADV_DONTNEED. */
void footprint_shrink_soon(void);

/* The same, now, but for the heap, where that has been called: nobody is served any more. */
void footprint_rest(void);

#endif
