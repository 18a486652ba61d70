# find_package(pdlc) and then
#
#     pdlc_generate(TARGET schema.pdl)
#
# adds the C bindings that the schema's output block asks for to a target, with libpq, and builds them anew when the
# schema, a file that it includes, or a template changes.
find_program(PDLC_EXECUTABLE pdlc HINTS "${CMAKE_CURRENT_LIST_DIR}/../../../bin")
if(NOT PDLC_EXECUTABLE)
  set(pdlc_FOUND FALSE)
  set(pdlc_NOT_FOUND_MESSAGE "the program pdlc was not found: set PDLC_EXECUTABLE")
  return()
endif()
find_package(PostgreSQL REQUIRED)

function(pdlc_generate target schema)
  get_filename_component(schema "${schema}" ABSOLUTE)
  string(MD5 id "${schema}")
  set(depfile "${CMAKE_CURRENT_BINARY_DIR}/pdlc-${id}.d")
  # Which files there are, and what they are made of, the compiler says itself.
  execute_process(COMMAND "${PDLC_EXECUTABLE}" build --quiet --only c --depfile "${depfile}" "${schema}"
                  RESULT_VARIABLE failed ERROR_VARIABLE message)
  if(failed)
    message(FATAL_ERROR "${message}")
  endif()
  file(READ "${depfile}" rule)
  string(STRIP "${rule}" rule)
  string(REGEX REPLACE ": .*$" "" outputs "${rule}")
  string(REGEX REPLACE "^.*[^\\]: " "" inputs "${rule}")
  separate_arguments(outputs UNIX_COMMAND "${outputs}")
  separate_arguments(inputs UNIX_COMMAND "${inputs}")
  list(GET outputs 0 header)
  get_filename_component(folder "${header}" DIRECTORY)
  add_custom_command(OUTPUT ${outputs} DEPENDS ${inputs}
                     COMMAND "${PDLC_EXECUTABLE}" build --quiet --only c "${schema}"
                     COMMAND "${CMAKE_COMMAND}" -E touch_nocreate ${outputs}
                     COMMENT "C bindings of ${schema}" VERBATIM)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${inputs})
  target_sources(${target} PRIVATE ${outputs})
  target_include_directories(${target} PRIVATE "${folder}")
  target_link_libraries(${target} PRIVATE PostgreSQL::PostgreSQL)
endfunction()
