/* engine/cli/cli.h - the subcommands of `rekeylab`; each returns an exit status of rk_err_exit_status() */
#ifndef ENGINE_CLI_CLI_H
#define ENGINE_CLI_CLI_H

int rk_cli_audit(int argc, char **argv);
int rk_cli_bench(int argc, char **argv);
int rk_cli_call(int argc, char **argv);
int rk_cli_compare(int argc, char **argv);
int rk_cli_completion(int argc, char **argv);
int rk_cli_demo(int argc, char **argv);
int rk_cli_describe(int argc, char **argv);
int rk_cli_doctor(int argc, char **argv);
int rk_cli_export(int argc, char **argv);
int rk_cli_leak(int argc, char **argv);
int rk_cli_measure(int argc, char **argv);
int rk_cli_merge(int argc, char **argv);
int rk_cli_powercut(int argc, char **argv);
int rk_cli_handshake(int argc, char **argv);
int rk_cli_recommend(int argc, char **argv);
int rk_cli_report(int argc, char **argv);
int rk_cli_run(int argc, char **argv);
int rk_cli_speed(int argc, char **argv);
int rk_cli_trace(int argc, char **argv);
int rk_cli_validate(int argc, char **argv);
int rk_cli_vectors(int argc, char **argv);
int rk_cli_zeroise(int argc, char **argv);

/* All of them, in the order of the help; ended by a NULL name. */
extern const struct rk_cli_command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
} rk_cli_commands[];

#endif
