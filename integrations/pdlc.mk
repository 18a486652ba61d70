# C bindings in a Makefile: set PDL_SCHEMA where it is not schema.pdl, and include this.
#
#     include $(shell pkg-config --variable=makefile pdlc)
#     app: app.c $(PDL_SOURCES)
#
# PDL_SOURCES and PDL_HEADERS are what is generated. It is made anew when the schema, a file that it includes, or a
# template changes: make reads the rule that the compiler writes, which names the rule itself among what it makes.
PDLC       ?= pdlc
PDL_SCHEMA ?= schema.pdl
PDL_RULE   ?= .pdlc.d

$(PDL_RULE): $(PDL_SCHEMA)
	@$(PDLC) build --quiet --only c --depfile $@.new $(PDL_SCHEMA)
	@{ printf '%s ' '$@'; cat $@.new; sed 's/^/PDL_OUTPUTS := /; s/: .*//' $@.new; } > $@
	@rm -f $@.new

include $(PDL_RULE)
PDL_SOURCES = $(filter %.c,$(PDL_OUTPUTS))
PDL_HEADERS = $(filter %.h,$(PDL_OUTPUTS))
