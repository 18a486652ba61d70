setlocal commentstring=//\ %s comments=:///,:// formatoptions+=croql expandtab shiftwidth=2
let b:undo_ftplugin = "setlocal commentstring< comments< formatoptions< expandtab< shiftwidth<"
