/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The diagnosis as renderers get it. */
#include "model/verdict.h"

#include <stdlib.h>

const char *loss_name(enum loss loss)
{
	switch (loss) {
	case LOSS_NO:
		return "no";
	case LOSS_YES:
		return "yes";
	case LOSS_UNKNOWN:
		return "unknown";
	}
	return "";
}

void diagnosis_free(struct diagnosis *diagnosis)
{
	struct ruled_out *ruled_out;
	struct not_observed *not_observed;

	findings_free(&diagnosis->findings);
	findings_free(&diagnosis->innocent);
	vec_each(&diagnosis->ruled_out, ruled_out)
		free(ruled_out->observation);
	vec_free(&diagnosis->ruled_out);
	vec_each(&diagnosis->not_observed, not_observed)
		free(not_observed->reason);
	vec_free(&diagnosis->not_observed);
	vec_free(&diagnosis->unexplained);
	ledger_free(diagnosis->ledger);
	diagnosis->ledger = NULL;
	free(diagnosis->summary);
	diagnosis->summary = NULL;
	diagnosis->first = NULL;
}

double finding_rate(const struct diagnosis *diagnosis, const struct finding *finding)
{
	double seconds = series_seconds(diagnosis->series);

	return seconds > 0 && series_span(diagnosis->series) == SPAN_MEASURED ? (double)finding->packets / seconds : -1;
}

double finding_share(const struct finding *finding)
{
	if (finding->passed == PASSED_UNKNOWN || !finding->packets)
		return -1;
	return (double)finding->packets / ((double)finding->packets + (double)finding->passed);
}
