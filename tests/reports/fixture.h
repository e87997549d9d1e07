/* tests/reports/fixture.h - results made up for the tests of reports */
#ifndef TESTS_REPORTS_FIXTURE_H
#define TESTS_REPORTS_FIXTURE_H

/* Makes a results database: two devices, one backend, two mechanisms, three renewals. */
void fixture_results(const char *path);

/* Runs statements on it, such as these, which add an audit, or a ranking. */
void fixture_change(const char *path, const char *sql);
extern const char fixture_audited[], fixture_ranked[];

/* Writes into a folder what leak, powercut, speed, trace, validate and zeroise would print. */
void fixture_measured(const char *folder);

/* out: a whole file, to be freed. */
char *fixture_read(const char *path);

#endif
