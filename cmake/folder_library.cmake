# triggerd_folder(NAME SOURCES_IN DIR LINKS ...): the static library triggerd_NAME of the sources in one
# folder (not its subfolders; main.cpp is the program's), linked to what it may include.
function(triggerd_folder NAME)
  cmake_parse_arguments(ARG "" "SOURCES_IN" "LINKS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${ARG_SOURCES_IN}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/src/main\\.cpp$")
  if(NOT sources)
    file(WRITE ${CMAKE_BINARY_DIR}/empty_${NAME}.cpp "")
    set(sources ${CMAKE_BINARY_DIR}/empty_${NAME}.cpp)
  endif()
  add_library(triggerd_${NAME} STATIC ${sources})
  target_include_directories(triggerd_${NAME} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(triggerd_${NAME} PUBLIC triggerd_options ${ARG_LINKS})
endfunction()

# triggerd_tests(NAME LINKS ...): the test program of one folder of tests/, and its ctest entry.
function(triggerd_tests NAME)
  cmake_parse_arguments(ARG "" "" "LINKS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${NAME}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(tests_${NAME} ${sources} $<TARGET_OBJECTS:test_main>)
  target_include_directories(tests_${NAME} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  target_compile_definitions(tests_${NAME} PRIVATE
    TRIGGERD_SAMPLES="${CMAKE_SOURCE_DIR}/tests/samples" TRIGGERD_SOURCE="${CMAKE_SOURCE_DIR}")
  target_link_libraries(tests_${NAME} PRIVATE ${ARG_LINKS})
  add_test(NAME ${NAME} COMMAND tests_${NAME})
  # libjq 1.6 loses a few bytes with each compilation; its leaks are named there, ours are not.
  set_tests_properties(${NAME} PROPERTIES
    ENVIRONMENT "LSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/leaks_of_libraries.txt")
endfunction()
