/** From one version to another; read out as "to". */
export function Arrow() {
  return (
    <>
      <span aria-hidden="true"> → </span>
      <span className="visually-hidden"> to </span>
    </>
  );
}
