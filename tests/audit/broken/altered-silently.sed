# engine/lifecycle/store.c
# refused records are wiped without a word
s/return refused != 0 \? RK_AGENT_ALTERED : RK_AGENT_OK;/return RK_AGENT_OK;/
