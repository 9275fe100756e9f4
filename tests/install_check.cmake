# cmake -DBUILD=... -DPREFIX=... -P install_check.cmake: installs, and looks whether everything is there. The manual page
# and the completions must have come from the program.
file(REMOVE_RECURSE "${PREFIX}")
execute_process(COMMAND "${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${PREFIX}" OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
foreach(file
    bin/triggerd lib/systemd/system/triggerd.service lib/sysusers.d/triggerd.conf share/man/man1/triggerd.1
    share/bash-completion/completions/triggerd share/zsh/site-functions/_triggerd
    share/fish/vendor_completions.d/triggerd.fish share/triggerd/alerts.yaml share/triggerd/board.json
    share/triggerd/connectors/highlevel/contacts.yaml share/triggerd/schema/triggers.schema.json
    share/triggerd/schema/migrations/0001_state.sql share/doc/triggerd/README.md share/doc/triggerd/operations.md)
  if(NOT EXISTS "${PREFIX}/${file}")
    message(SEND_ERROR "not installed: ${file}")
  endif()
endforeach()
file(READ "${PREFIX}/lib/systemd/system/triggerd.service" unit)
string(FIND "${unit}" "ExecStart=${PREFIX}/bin/triggerd run " place)
if(place EQUAL -1)
  message(SEND_ERROR "the unit does not start what was installed")
endif()
file(READ "${PREFIX}/share/man/man1/triggerd.1" page)
string(FIND "${page}" ".SS restore" place)
if(place EQUAL -1)
  message(SEND_ERROR "the manual page is not the program's")
endif()
find_program(ANALYZE systemd-analyze)
if(NOT ANALYZE)
  message("not run: there is no systemd-analyze here")
  return()
endif()
execute_process(COMMAND "${ANALYZE}" verify --man=no "${PREFIX}/lib/systemd/system/triggerd.service"
  RESULT_VARIABLE code OUTPUT_VARIABLE said ERROR_VARIABLE said)
string(FIND "${said}" "triggerd.service" place)
if(NOT code EQUAL 0 AND NOT place EQUAL -1)
  message(SEND_ERROR "systemd-analyze verify: ${said}")
elseif(NOT code EQUAL 0)
  message("not run: systemd-analyze verify refuses here: ${said}")
endif()
