//! Tests of the room as a whole: every file of the article's comparison.

use super::*;

#[test]
fn write_for_looking() {
    let Some(folder) = std::env::var_os("SPSIM_LOOK") else { return };
    let folder = std::path::PathBuf::from(folder);
    for (name, comparison) in [("one", sample::comparison()), ("many", sample::replicated())] {
        std::fs::create_dir_all(folder.join(name)).unwrap();
        let t = std::time::Instant::now();
        for file in artifacts(&comparison, PictureFormats { svg: true, png: true }) {
            std::fs::write(folder.join(name).join(file.name), file.bytes).unwrap();
        }
        eprintln!("{name} {:?}", t.elapsed());
        std::fs::write(folder.join(name).join("table.txt"), terminal_table(&comparison, false)).unwrap();
        std::fs::write(folder.join(name).join("color.txt"), terminal_table(&comparison, true)).unwrap();
    }
}
