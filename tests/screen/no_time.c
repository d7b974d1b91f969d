/* Hardly any time passes on golden screens, where it is shown: how wide a duration is decides how
 * wide the panes are. Linked into programs whose linker leads clock_mono_us here. */
#include <stdatomic.h>
#include <stdint.h>

int64_t __wrap_clock_mono_us(void);

int64_t
__wrap_clock_mono_us(void)
{
	static _Atomic int64_t asked;

	return atomic_fetch_add(&asked, 1) + 1;
}
