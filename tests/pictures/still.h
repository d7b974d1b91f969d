/* A world that stands still for pictures: the linker leads clocks and dice here, so that the same
 * keys make the same picture. The time of day moves when a key is pressed; what is measured is a
 * little for each request and a second for each wait of a plan; after each key the dice begin
 * anew. Deadlines keep the kernel's clock. */
#ifndef CLAVIGER_PICTURES_STILL_H
#define CLAVIGER_PICTURES_STILL_H

/* Everything as at first. */
void still_begin(void);

/* The next key is about to be pressed. */
void still_key(void);

#endif
