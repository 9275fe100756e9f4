# triggerd_embed_files(TARGET NAME ROOT DIR PATTERN GLOB): turns files into one source of TARGET that defines
#   std::span<const triggerd::EmbeddedFile> triggerd::embedded_NAME();   (see triggerd/embedded_file.h)
# in the order of their paths below ROOT.
function(triggerd_embed_files TARGET NAME)
  cmake_parse_arguments(ARG "" "ROOT;PATTERN" "" ${ARGN})
  file(GLOB_RECURSE files RELATIVE ${ARG_ROOT} CONFIGURE_DEPENDS ${ARG_ROOT}/${ARG_PATTERN})
  list(SORT files)
  list(TRANSFORM files PREPEND ${ARG_ROOT}/ OUTPUT_VARIABLE paths)
  set(output ${CMAKE_BINARY_DIR}/embedded_${NAME}.cpp)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${output} -DNAME=${NAME} -DROOT=${ARG_ROOT} "-DFILES=${files}"
            -P ${CMAKE_SOURCE_DIR}/cmake/embed_script.cmake
    DEPENDS ${paths} ${CMAKE_SOURCE_DIR}/cmake/embed_script.cmake VERBATIM)
  target_sources(${TARGET} PRIVATE ${output})
endfunction()
