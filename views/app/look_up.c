/* One at a time: keys are answered meanwhile, though only the one that gives it up does something.
 */
#include "views/app/look_up.h"

#include "backend/net/loop.h"
#include "tui/words.h"
#include "views/app/app_state.h"

static void
find(void *user)
{
	const struct look_up *look = &((struct app *)user)->looking;

	look->find(look->with);
}

static void
found(void *user)
{
	struct app *app = user;
	struct look_up look = app->looking;

	app->looking = (struct look_up){0};
	app->say[0] = '\0';
	app->dirty = true;
	look.found(app, look.with);
	look.drop(look.with);
}

void
look_up(struct app *app, void (*find_it)(void *with), void (*found_it)(struct app *app, void *with),
	void (*drop)(void *with), void *with)
{
	app->looking =
		(struct look_up){.find = find_it, .found = found_it, .drop = drop, .with = with};
	app->looking.job = job_beside(app->loop, find, found, app);
	app_say(app, ROLE_MESSAGE, _("It is being looked up: Esc gives that up"));
}

void
look_up_press(struct app *app, int action)
{
	if (action == APP_REPAINT) {
		app_act(app, action);
	} else if (action == APP_BACK || action == APP_LEAVE) {
		look_up_end(app);
		app_say(app, ROLE_MESSAGE, _("It is not looked up any more"));
	} else {
		app_say(app, ROLE_MESSAGE, _("It is being looked up: Esc gives that up"));
	}
}

void
look_up_end(struct app *app)
{
	struct look_up look = app->looking;

	if (look.job == NULL)
		return;
	job_cancel(look.job);
	app->looking = (struct look_up){0};
	look.drop(look.with);
}
