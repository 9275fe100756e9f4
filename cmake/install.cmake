# cmake --install: the program and what it needs to run for months. Manual page and completions are written by the program
# that is installed, so they cannot differ from it.
include(GNUInstallDirs)

install(TARGETS triggerd RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY connectors DESTINATION ${CMAKE_INSTALL_DATADIR}/triggerd)
install(DIRECTORY recipes DESTINATION ${CMAKE_INSTALL_DATADIR}/triggerd)
install(DIRECTORY schema DESTINATION ${CMAKE_INSTALL_DATADIR}/triggerd)
install(FILES packaging/alerts.yaml packaging/board.json DESTINATION ${CMAKE_INSTALL_DATADIR}/triggerd)
install(FILES README.md triggers.yaml DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES packaging/triggerd.sysusers DESTINATION lib/sysusers.d RENAME triggerd.conf)

# The prefix may be given to `cmake --install`, so the place of the program is known only then.
install(CODE "
  set(written \"${CMAKE_BINARY_DIR}/installed\")
  file(READ \"${CMAKE_SOURCE_DIR}/packaging/triggerd.service\" unit)
  string(REPLACE \"/usr/bin/triggerd\" \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/triggerd\" unit \"\${unit}\")
  file(WRITE \"\${written}/triggerd.service\" \"\${unit}\")
  foreach(page man \"completion bash\" \"completion zsh\" \"completion fish\")
    separate_arguments(words UNIX_COMMAND \"\${page}\")
    string(REPLACE \" \" \"-\" name \"\${page}\")
    execute_process(COMMAND \"$<TARGET_FILE:triggerd>\" \${words}
      OUTPUT_FILE \"\${written}/\${name}\" COMMAND_ERROR_IS_FATAL ANY)
  endforeach()
")
install(FILES ${CMAKE_BINARY_DIR}/installed/triggerd.service DESTINATION lib/systemd/system)
install(FILES ${CMAKE_BINARY_DIR}/installed/man DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 RENAME triggerd.1)
install(FILES ${CMAKE_BINARY_DIR}/installed/completion-bash
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME triggerd)
install(FILES ${CMAKE_BINARY_DIR}/installed/completion-zsh
  DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions RENAME _triggerd)
install(FILES ${CMAKE_BINARY_DIR}/installed/completion-fish
  DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d RENAME triggerd.fish)
